import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { newKeyPair } from '../../lab/sim/key-pair.ts'
import { run } from './ssh.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('every pair can be read by ssh2, and the halves belong together', () => {
  // one in 256 begins with a zero byte
  for (let count = 0; count < 2000; count++) {
    const { secret, shown } = newKeyPair('try')
    const [mine, known] = [secret, shown].map((text) => ssh2.utils.parseKey(text))
    if (mine === undefined || known === undefined || mine instanceof Error || known instanceof Error)
      throw new Error(secret)
    expect(mine.getPublicSSH()).toEqual(known.getPublicSSH())
    const signature = mine.sign(Buffer.from('text'))
    expect(known.verify(Buffer.from('text'), signature as Buffer)).toBe(true)
  }
})

test('OpenSSH reads it too', async () => {
  const folder = temporaryFolder('key')
  const { secret, shown } = newKeyPair('try')
  writeFileSync(join(folder, 'key'), secret, { mode: 0o600 })
  expect((await run('ssh-keygen', ['-y', '-f', join(folder, 'key')])).stdout).toBe(`${shown}\n`)
  rmSync(folder, { recursive: true })
})
