import { expect, it } from 'vitest'
import { lastSaid } from '../../lib/ssh-said.ts'

it('the line that tells most is what is shown of the words of ssh', () => {
  expect(lastSaid('Warning: x\r\nssh: connect to host z2 port 22: Connection refused\r\n')).toBe(
    'ssh: connect to host z2 port 22: Connection refused',
  )
  expect(lastSaid('c: line 12: Bad option: x\r\nc: terminating, 1 bad configuration options\r\n')).toBe(
    'c: line 12: Bad option: x',
  )
  expect(lastSaid('')).toBe('')
})

it('a jump host that fails is named as such, since ssh itself has no name for it', () => {
  const all = [
    'kex_exchange_identification: Connection closed\r\nConnection closed by UNKNOWN port 65535\r\n',
    'banner exchange: Connection to UNKNOWN port 65535: Broken pipe\r\n',
  ]
  for (const said of all)
    expect(lastSaid(said)).toBe(
      'the jump host or proxy command of the ssh configuration ended before the host answered',
    )
})
