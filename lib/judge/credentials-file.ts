import type { Verdict } from '../finding.ts'
import { type InvariantOf, macDir } from '../invariant.ts'
import { inCommand, pathInCommand } from '../quote.ts'
import type { Context } from './context.ts'
import { access, fileFault, judgeAccess, wanted } from './token-file.ts'

type CredentialsFile = InvariantOf<'credentials-file'>

/** Client id and secret: on Z2 readable for CT109 and never writable for others, on the Mac closed to others. */
export const judgeCredentialsFile = (invariant: CredentialsFile, context: Context): Verdict =>
  invariant.place === 'mac' ? judgeOnMac(invariant, context) : judgeOnHost(invariant, context)

function judgeOnHost({ name, bank }: CredentialsFile, context: Context): Verdict {
  const { config, seen } = context
  const want = wanted(context, 'client id and secret, readable for ct109, not writable for others')
  const file = seen.host.files.get(name)
  const fault = fileFault(file, context, name)
  if (fault?.state === 'needs-person') {
    const from = `${macDir(config, bank)}/${name}`
    const next = `scp -q ${pathInCommand(from)} ${config.host}:${inCommand(`${config.hostRoot}${config.hostDataDir}/`)}`
    return { next, ...fault, want }
  }
  if (fault || !file) return { state: 'unknown', seen: 'the look says nothing of it', ...fault, want }
  const verdict = judgeAccess(file, context, want, { read: true, write: false })
  const open = ((file.mode ?? 0) & 0o002) !== 0
  return verdict.state === 'holds' && open
    ? { state: 'differs', want, seen: `${access(file)}: anybody may write it` }
    : verdict
}

function judgeOnMac({ name, bank }: CredentialsFile, { config, seen }: Context): Verdict {
  const want = 'client id and secret, 0600'
  const path = `${macDir(config, bank)}/${name}`
  const file = seen.mac[bank].credentials
  if (file.state === 'absent') {
    const next = `write ${path}, 0600: docs/runbook/${bank}.md#credentials says what goes in`
    return { state: 'needs-person', want, seen: 'absent', next }
  }
  if (file.state !== 'file') {
    const text = file.state === 'unreadable' ? `cannot be read: ${file.why}` : 'not a regular file'
    return { state: 'needs-person', want, seen: text, next: `ls -ld ${pathInCommand(path)}` }
  }
  const mode = (file.mode ?? 0).toString(8).padStart(4, '0')
  if (((file.mode ?? 0) & 0o077) !== 0) {
    return {
      state: 'needs-person',
      want,
      seen: `${mode}, open to others`,
      next: `chmod 600 ${pathInCommand(path)}`,
    }
  }
  if (file.json) return { state: 'holds', want, seen: mode }
  const next = `write ${path} anew: docs/runbook/${bank}.md#credentials says what goes in`
  return { state: 'needs-person', want, seen: 'not a JSON object', next }
}
