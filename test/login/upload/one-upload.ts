import { parseConfig } from '../../../lib/config.ts'
import { openUpload } from '../../../lib/io/login/upload.ts'

// A process that uploads one file and has nothing else to do: node one-upload.ts FOLDER. It prints `ended` once end() is done.
const [folder = ''] = process.argv.slice(2)
const config = parseConfig({ sshConfig: `${folder}/ssh_config`, hostRoot: `${folder}/z2` }, 'test')
try {
  const upload = await openUpload(config, folder)
  await upload.put('monzo.tokens', Buffer.from('{}'))
  await upload.end()
} finally {
  console.log('ended')
}
