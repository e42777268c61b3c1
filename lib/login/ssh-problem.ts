import type { Config } from '../config.ts'
import { exitCode } from '../exit-code.ts'
import { onHost, sshAsTyped } from '../next-step.ts'
import { Problem } from '../problem.ts'
import { inCommand } from '../quote.ts'
import type { HostKeyJudgement, PublicKey } from './ssh-known-host.ts'

/** What can go wrong before anything is sent. `why` is a clause in which foreign text is masked. */
export type OpenTrouble =
  | { kind: 'no-ssh'; why: string }
  | { kind: 'unreachable'; why: string }
  | { kind: 'host-unknown'; names: string[]; files: string[] }
  | { kind: 'host-key'; judgement: HostKeyJudgement; shown: string; name: string; known: PublicKey[] }
  | { kind: 'folder'; path: string; why: string }

/** What can go wrong with one file. `left`: what lies in the staging folder now. */
export type FileTrouble =
  | { kind: 'refused'; path: string; why: string }
  | { kind: 'write'; path: string; why: string; left: 'nothing' | 'perhaps a part' }
  | { kind: 'cut'; path: string; why: string }

const judgements: Record<
  HostKeyJudgement,
  { what: string; why: (of: Extract<OpenTrouble, { kind: 'host-key' }>) => string }
> = {
  changed: {
    what: 'it shows another host key than the known one',
    why: ({ shown, name, known }) =>
      `${shown} is not among the known keys of ${name} (${known.length}): another machine answers, or this one was installed anew`,
  },
  missing: {
    what: 'it shows no host key of a kind that is known',
    why: ({ name, known }) =>
      `only ${[...new Set(known.map(({ type }) => type))].join(', ')} is known of ${name}: another machine answers, or this one was installed anew`,
  },
  revoked: {
    what: 'its host key was revoked',
    why: ({ shown, name }) => `${shown} is marked @revoked for ${name} in a known_hosts file`,
  },
}

const compare = 'for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done'

/**
 * The error of an upload that could not even begin: exit code 3, as whatever else cannot be reached.
 * @param name the file that it was about, where others may have been sent before
 */
export function openProblem(config: Config, trouble: OpenTrouble, name = ''): Problem {
  const left = name === '' ? 'nothing was sent' : `${name} was not touched`
  return new Problem(
    { what: `cannot upload to ${config.host}`, ...linesOf(config, trouble), left },
    exitCode.couldNotLook,
  )
}

function linesOf(config: Config, trouble: OpenTrouble): { what?: string; why: string; next: string } {
  const { host } = config
  const typed = sshAsTyped(config)
  switch (trouble.kind) {
    case 'no-ssh':
      return { why: trouble.why, next: 'install an OpenSSH client' }
    case 'unreachable':
      return { why: trouble.why, next: `${typed} true` }
    case 'host-unknown':
      return {
        what: `cannot upload to ${host}: nobody has vouched for its host key yet`,
        why: `no key of ${trouble.names.join(' or ')} in ${trouble.files.join(', ') || 'any known_hosts file'}`,
        next: `${typed} true\nbefore you say yes, compare the key that it shows: on the host's own console, ${compare}`,
      }
    case 'host-key':
      return {
        what: `cannot upload to ${host}: ${judgements[trouble.judgement].what}`,
        why: judgements[trouble.judgement].why(trouble),
        next: `on the host's own console, to compare: ${compare}\nthen ${typed} true names the line of known_hosts that is wrong`,
      }
    case 'folder':
      return {
        what: `the staging folder on ${host} is not as it must be`,
        why: `${trouble.path} ${trouble.why}`,
        next: onHost(config, `ls -ld ${inCommand(trouble.path)}`),
      }
  }
}

/** The error of one file that did not get there, or not away: 3 when the connection was lost, else 1. */
export function fileProblem(config: Config, act: 'upload' | 'remove', trouble: FileTrouble): Problem {
  const { path, why } = trouble
  const name = path.slice(path.lastIndexOf('/') + 1)
  const folder = path.slice(0, -name.length - 1)
  const what = `${name} was not ${act === 'upload' ? `uploaded to ${config.host}` : `removed from ${config.host}`}`
  const part =
    act === 'upload'
      ? `there may be a part of ${name} in ${folder} on ${config.host}: nothing reads it, and the next upload replaces it`
      : `${name} may still be in ${folder} on ${config.host}: the next upload replaces it`
  switch (trouble.kind) {
    case 'refused':
      return new Problem({
        what,
        why: `${path} ${why}`,
        next: onHost(config, `ls -ld ${inCommand(path)}`),
        left: `${path} is as it was`,
      })
    case 'write':
      return new Problem({
        what,
        why,
        next: onHost(config, `df -h ${inCommand(folder)}`),
        left: trouble.left === 'nothing' ? `nothing of it is in ${folder} on ${config.host}` : part,
      })
    case 'cut':
      return new Problem({ what, why, next: `${sshAsTyped(config)} true`, left: part }, exitCode.couldNotLook)
  }
}
