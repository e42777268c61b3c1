import { lastLine } from '../mask.ts'

const plain: [RegExp, (found: RegExpExecArray) => string][] = [
  [/All configured authentication methods failed/, () => 'none of the keys that ssh2 can use was let in'],
  [/no matching (?:[CS]->[CS] )?(.+)$/, ([, kind]) => `ssh2 and the host have no ${kind} in common`],
  [/Unable to start subsystem/, () => 'SFTP is switched off there'],
  [/[Pp]acket length|Expected VERSION|Unknown packet type/, () => 'something prints into SFTP there'],
  [/while establishing SFTP session|unexpected SFTP session/, () => 'SFTP does not start there'],
  [/Keepalive timeout/, () => 'the host answers no more'],
  [/Connection lost before handshake|Unexpected (?:end|close) event/, () => 'the connection was cut'],
]

/** What ssh2 says of a failure, in our words; what is not known is masked. @returns one clause, never empty */
export function lackOf(said: string): string {
  for (const [pattern, words] of plain) {
    const found = pattern.exec(said)
    if (found !== null) return words(found)
  }
  return lastLine(said.replace(/^getConnection: /, '')) || 'the connection failed'
}
