import { perlLiteral } from '../perl-literal.ts'

/** What is to be done in the staging folder, and with which file. Every act looks at the folder first. */
export type StageAct =
  | { act: 'look'; name: '' }
  | { act: 'put'; name: string; bytes: number }
  | { act: 'remove'; name: string }

/** Why it was not done: `cut` is a connection that ended early. */
export type StageNo = 'folder' | 'file' | 'write' | 'cut'

/** What Z2 answered; `why` is a clause that follows the path. */
export type StageReply = { ok: true } | { ok: false; no: StageNo; why: string }

/** Seconds after which Z2 stops waiting for content and takes away what came; longer than we wait for its answer. */
const patienceSeconds = 60

/**
 * The one argument that ssh carries. Encoded, since the login shell may be bash, zsh, dash or fish; not piped into perl,
 * since standard input is for the content.
 * @param owners uids that may own the folder beside root's
 */
export function stageCommand(of: StageAct, folder: string, owners: number[], program: string): string {
  const parameters = { ...of, folder, owners, seconds: patienceSeconds }
  const text = `$P = ${perlLiteral(parameters)};\n${program.replace(/^[ \t]*#.*\n/gm, '')}`
  return `perl -MMIME::Base64 -e 'eval decode_base64(shift); die $@ if $@' ${Buffer.from(text).toString('base64')}`
}

/** Reads the answer: the last line that is one, since a login shell may greet first. @returns null when there is none */
export function parseStageReply(out: string): StageReply | null {
  const line = out
    .split('\n')
    .filter((each) => each.startsWith('bulma-stage '))
    .at(-1)
  if (line === 'bulma-stage ok') return { ok: true }
  const [, no, why] = /^bulma-stage no (folder|file|write|cut) (.+)$/.exec(line ?? '') ?? []
  return no === undefined || why === undefined ? null : { ok: false, no: no as StageNo, why }
}
