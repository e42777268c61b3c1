import { readFileSync } from 'node:fs'
import type { Stage } from './stage.ts'
import { startWire, type Wire } from './wire.ts'

/** Lets every command go over a wire of ours to the lab, for as long as `work` goes on. */
export async function overWire<T>(stage: Stage, work: (wire: Wire) => Promise<T>): Promise<T> {
  const text = readFileSync(stage.file('.lab/ssh_config'), 'utf8')
  const host = /^ {2}HostName (.*)$/m.exec(text)?.[1] ?? ''
  const port = Number(/^ {2}Port (.*)$/m.exec(text)?.[1] ?? 22)
  // The key of the lab is known by the address that it really has.
  const known = readFileSync(stage.file('.lab/known_hosts'), 'utf8').split(' ')[0]
  const wire = await startWire(host, port)
  const through = text
    .replace(/^ {2}HostName .*$/m, `  HostName 127.0.0.1\n  HostKeyAlias ${known}`)
    .replace(/^ {2}Port .*\n/m, '')
    .replace(/^ {2}User /m, `  Port ${wire.port}\n  User `)
  try {
    return await stage.withSsh(
      () => through,
      () => work(wire),
    )
  } finally {
    await wire.stop()
  }
}
