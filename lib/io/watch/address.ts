import { readFileSync, statSync } from 'node:fs'
import { expandHome } from '../mac.ts'
import { projectDir } from '../project.ts'

const isUrl = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text)

/**
 * The address of a topic or a webhook: itself, or what the first line of a file says, since such an address is as good as
 * a password.
 * @throws Error that says what is wrong with the file, without a word of what is in it
 */
export function readAddress(setting: string): string {
  if (isUrl(setting)) return setting
  const path = expandHome(setting, projectDir)
  let text: string
  try {
    if (statSync(path).mode & 0o077) throw new Error(`others may read it: chmod 600 ${path}`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(
      code === undefined ? message : `the file of its address cannot be read (${code}): ${path}`,
    )
  }
  const address = text.split('\n')[0]?.trim() ?? ''
  if (!isUrl(address)) throw new Error(`the first line of ${path} is not an http or https URL`)
  return address
}
