import { lastLine } from './mask.ts'

// With ControlPersist ssh silences its jump host or ProxyCommand, and is left without a name for what it talked to.
const unknownPeer = /\bUNKNOWN port \d+/

// A count that ssh adds after the line that names the mistake.
const afterMistake = /^.*: terminating, \d+ bad configuration options\s*$/gm

/** The line of ssh's standard error that tells most, safe to show; empty when it said nothing. */
export function lastSaid(stderr: string): string {
  const line = lastLine(stderr.replace(afterMistake, ''))
  return unknownPeer.test(line)
    ? 'the jump host or proxy command of the ssh configuration ended before the host answered'
    : line
}
