import type { Config } from '../config.ts'
import { exitCode } from '../exit-code.ts'
import { type Bank, fileNames } from '../invariant.ts'
import { look, onHost, upCommand } from '../next-step.ts'
import { Problem } from '../problem.ts'
import { inCommand } from '../quote.ts'
import type { Sight } from './order.ts'

/** Bytes that must be free beside the data folder: a token file and what is written next to it, many times over. */
const leastBytes = 16 * 1024 * 1024

/** Seconds that the clocks of Z2 and the Mac may differ before times in token files could mislead a poller. */
const mostSkewSeconds = 120

/** What is odd and yet no reason to stop: told, and asked about where `question` is set. */
export type Doubt = { says: string; question: string | null }

type Fault = { why: string; next: string }

/**
 * Whether a login could be brought to CT109, before any browser opens (reauth.md, step 2).
 * @param client the fingerprint of the client id in the Mac's credentials file
 * @param nowSeconds this machine's clock, epoch seconds
 * @throws Problem (4) naming the first thing that is not as documented
 */
export function preflight(
  bank: Bank,
  config: Config,
  stack: string,
  sight: Sight,
  client: string,
  nowSeconds: number,
): { doubts: Doubt[]; freeBytes: number } {
  const fault = faultOf(bank, config, stack, sight)
  if (fault)
    throw new Problem(
      {
        what: 'a login could not be brought to ct109 now',
        ...fault,
        left: 'nothing was changed, and no browser was opened',
      },
      exitCode.personNeeded,
    )
  return { doubts: doubtsOf(bank, config, sight, client, nowSeconds), freeBytes: sight.room.bytes }
}

function faultOf(bank: Bank, config: Config, stack: string, sight: Sight): Fault | null {
  const { container, folder, room, timer, service, token } = sight
  const drift = look(stack)
  const name = `container ${config.containerId}`
  if (container.identity === 'absent') return { why: `${name} is not on z2`, next: drift }
  if (container.identity === 'other')
    return { why: `${name} is ${container.name ?? 'nameless'}, not ${config.containerName}`, next: drift }
  if (!container.running) return { why: `${name} does not run`, next: upCommand(stack) }
  if (container.says !== null) return { why: `${name} does not answer: ${container.says}`, next: drift }
  if (timer.load !== 'loaded')
    return { why: `bulma-poll-${bank}.timer is ${timer.load} in ct109, so nothing would poll`, next: drift }
  if (service.load !== 'loaded')
    return {
      why: `bulma-poll-${bank}.service is ${service.load} in ct109, so nothing would poll`,
      next: drift,
    }
  if (!folder.here) return { why: `${config.hostDataDir} is not a folder on z2`, next: drift }
  if (!folder.shared)
    return { why: `ct109 does not see ${config.hostDataDir} at ${config.containerDataDir}`, next: drift }
  if (!folder.sameFileSystem)
    return {
      why: 'the staging folder is on another disk than the data folder, so a file could not take its place at once',
      next: 'set bulma:stagingDir in the stack file to a folder on the disk of the data folder',
    }
  if (!folder.writable) return { why: `${config.hostDataDir} cannot be written to`, next: drift }
  const fixed = folder.immutable.find((name) => name === fileNames[bank].token || bank === 'monzo')
  if (fixed !== undefined) {
    const path = `${config.hostRoot}${config.hostDataDir}/${fixed}`
    return {
      why: `${fixed} on z2 is immutable, so another could not take its place`,
      next: onHost(config, `chattr -i -a ${inCommand(path)}`),
    }
  }
  if (room.bytes < leastBytes || room.files === 0)
    return {
      why: `the disk of ${config.hostDataDir} is full`,
      next: onHost(config, `df -h ${inCommand(config.hostDataDir)}`),
    }
  if (token.state === 'other')
    return { why: `${fileNames[bank].token} on z2 is no regular file with one link`, next: drift }
  return null
}

function doubtsOf(bank: Bank, config: Config, sight: Sight, client: string, nowSeconds: number): Doubt[] {
  const { credentials, token, record } = sight
  const file = fileNames[bank].credentials
  const skew = Math.round(Math.abs(sight.now - nowSeconds))
  return [
    ...(credentials.client !== null && credentials.client !== client
      ? [
          {
            says: `${file} on this Mac is another client than the one in ${config.hostDataDir}`,
            question:
              bank === 'monzo'
                ? 'replace the client that ct109 uses'
                : 'log in with another client than ct109 uses',
          },
        ]
      : []),
    ...(credentials.client === null && bank === 'truelayer'
      ? [
          {
            says: `${file} is not in the data folder, so it could not be compared with ct109's`,
            question: null,
          },
        ]
      : []),
    ...(token.state === 'absent' || token.state === 'broken'
      ? [
          {
            says: `z2 has no good ${fileNames[bank].token}; it is made with the documented keys`,
            question: null,
          },
        ]
      : []),
    ...(record === null
      ? [
          {
            says: 'z2 has no record of an earlier login, so you will be asked whose account it is',
            question: null,
          },
        ]
      : []),
    ...(skew > mostSkewSeconds
      ? [
          {
            says: `the clocks of this Mac and z2 differ by ${skew} s; the bank's clock is used`,
            question: null,
          },
        ]
      : []),
  ]
}
