import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from '../../lib/config.ts'
import { type Delivery, deliver } from '../../lib/io/watch/delivery.ts'
import type { Message } from '../../lib/watch/message.ts'
import { temporaryFolder } from '../lab/temporary-folder.ts'
import { Receiver } from './receiver.ts'

// Everything that leaves this machine, against a real HTTP server and real programs.

const message: Message = {
  kind: 'trouble',
  stack: 'z2',
  host: 'hinata-z2',
  bank: 'monzo',
  title: 'monzo: refresh dead $(touch pwned) `id` "quoted"',
  text: "HTTP 401 · it's 4 minutes ago\nnpm run reauth -- monzo",
  next: 'npm run reauth -- monzo',
  isUrgent: true,
}

let receiver: Receiver
let folder: string
let path: string | undefined
let platform: PropertyDescriptor | undefined

beforeAll(async () => {
  receiver = await Receiver.start()
})
afterAll(() => receiver.stop())
beforeEach(() => {
  receiver.got.length = 0
  receiver.answer = { status: 200 }
  folder = temporaryFolder('delivery')
  path = process.env.PATH
  platform = Object.getOwnPropertyDescriptor(process, 'platform')
})
afterEach(() => {
  process.env.PATH = path
  if (platform) Object.defineProperty(process, 'platform', platform)
  rmSync(folder, { recursive: true, force: true })
})

const send = (notify: object, only?: string[]): Promise<Delivery> =>
  deliver(message, parseConfig({ watch: { notify: { desktop: false, ...notify } } }, 'Pulumi.z2.yaml'), only)
const program = (name: string, text: string): string => {
  const at = join(folder, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(at, `#!/bin/sh\n${text}\n`)
  chmodSync(at, 0o755)
  return at
}
/** A program that writes its arguments down, one a line, a line end in one as a bar. */
const recorder = (name: string): string =>
  program(name, `for word; do printf '%s' "$word" | tr '\\n' '|'; echo; done > "${folder}/${name}.got"`)
const recorded = (name: string): string[] =>
  readFileSync(`${folder}/${name}.got`, 'utf8').trimEnd().split('\n')
const onPlatform = (name: NodeJS.Platform): void => {
  Object.defineProperty(process, 'platform', { value: name, configurable: true })
}
const secretFile = (address: string, mode = 0o600): string => {
  const at = join(folder, 'address')
  writeFileSync(at, `${address}\n`)
  chmodSync(at, mode)
  return at
}

describe('telling over HTTP', () => {
  it('reaches ntfy and a webhook, each with a POST of JSON', async () => {
    const { origin } = receiver
    const done = await send({ ntfy: `${origin}/bulma-topic`, webhook: `${origin}/hook?k=1` })
    expect(done).toEqual({ how: ['ntfy', 'webhook'], failed: [] })
    const [hook, ntfy] = receiver.got.toSorted((a, b) => b.path.localeCompare(a.path))
    expect([ntfy?.method, ntfy?.path, ntfy?.headers['content-type']]).toEqual([
      'POST',
      '/',
      'application/json',
    ])
    expect(JSON.parse(ntfy?.body ?? '')).toMatchObject({ topic: 'bulma-topic', title: message.title })
    expect([hook?.method, hook?.path]).toEqual(['POST', '/hook?k=1'])
    expect(JSON.parse(hook?.body ?? '')).toMatchObject({
      kind: 'trouble',
      bank: 'monzo',
      details: message.text,
    })
  })

  it('reads an address that is a secret from a file of its own', async () => {
    const done = await send({ ntfy: secretFile(`${receiver.origin}/bulma-topic`) })
    expect([done.how, receiver.got.length]).toEqual([['ntfy'], 1])
  })

  it('follows no redirect', async () => {
    receiver.answer = { status: 307, location: `${receiver.origin}/elsewhere` }
    expect(await send({ webhook: `${receiver.origin}/hook` })).toEqual({
      how: [],
      failed: [{ way: 'webhook', why: 'HTTP 307: it sends elsewhere, which is not followed' }],
    })
    expect(receiver.got.map((one) => one.path)).toEqual(['/hook'])
  })

  it('says what a server answered, and that one took it where another did not', async () => {
    receiver.answer = { status: 503 }
    const command = recorder('mine')
    expect(await send({ ntfy: `${receiver.origin}/secret-topic`, command })).toEqual({
      how: ['command'],
      failed: [{ way: 'ntfy', why: 'HTTP 503' }],
    })
  })

  it('gives up on a server that does not answer', async () => {
    receiver.answer = 'silence'
    const started = Date.now()
    const { failed } = await send({ webhook: `${receiver.origin}/hook` })
    expect(failed).toEqual([{ way: 'webhook', why: 'no answer within 10 s' }])
    expect(Date.now() - started).toBeLessThan(13_000)
  })

  it('never says the address of one that cannot be reached', async () => {
    const gone = await Receiver.start()
    const { origin } = gone
    await gone.stop()
    const { failed } = await send({ ntfy: `${origin}/secret-topic`, webhook: 'http://secret.invalid/hook' })
    expect(failed).toEqual([
      { way: 'ntfy', why: 'it cannot be reached (ECONNREFUSED)' },
      { way: 'webhook', why: expect.stringMatching(/^it cannot be reached \((ENOTFOUND|EAI_AGAIN)\)$/) },
    ])
  })

  it.each<[string, () => string, RegExp]>([
    ['is not there', () => join(folder, 'nothing'), /^the file of its address cannot be read \(ENOENT\): /],
    [
      'others may read',
      () => secretFile('http://127.0.0.1/secret', 0o640),
      /^others may read it: chmod 600 \/\S+$/,
    ],
    [
      'holds something else',
      () => secretFile('secret words'),
      /^the first line of \S+ is not an http or https URL$/,
    ],
  ])('says what is wrong with the file of an address that %s, not what is in it', async (_, plant, why) => {
    const { failed } = await send({ ntfy: plant() })
    expect(failed).toEqual([{ way: 'ntfy', why: expect.stringMatching(why) }])
    expect(failed[0]?.why).not.toContain('secret')
  })
})

describe('telling on the desktop', () => {
  it('hands its words to notify-send as they are', async () => {
    onPlatform('linux')
    recorder('notify-send')
    process.env.PATH = `${folder}:${path}`
    expect(await send({ desktop: true })).toEqual({ how: ['desktop'], failed: [] })
    expect(recorded('notify-send').slice(2)).toEqual([
      '--',
      message.title,
      "HTTP 401 · it's 4 minutes ago|npm run reauth -- monzo",
    ])
  })

  it('hands its words to osascript as arguments, not as a script', async () => {
    onPlatform('darwin')
    recorder('osascript')
    process.env.PATH = `${folder}:${path}`
    expect(await send({ desktop: true })).toEqual({ how: ['desktop'], failed: [] })
    expect(recorded('osascript').slice(6)).toEqual([
      'bulma · hinata-z2',
      message.title,
      "HTTP 401 · it's 4 minutes ago|npm run reauth -- monzo",
    ])
    expect(recorded('osascript').slice(0, 6).join()).not.toContain('401')
  })

  it('is no failure on a machine that has no desktop', async () => {
    onPlatform('linux')
    process.env.PATH = folder
    expect(await send({ desktop: true })).toEqual({ how: [], failed: [] })
  })

  it('is one where the desktop refuses, for the next look to try again', async () => {
    onPlatform('linux')
    program('notify-send', 'echo "Cannot autolaunch D-Bus without X11 \\$DISPLAY" >&2; exit 1')
    process.env.PATH = `${folder}:${path}`
    const why = 'it ended with 1: Cannot autolaunch D-Bus without X11 $DISPLAY'
    expect(await send({ desktop: true })).toEqual({ how: [], failed: [{ way: 'desktop', why }] })
  })
})

describe('telling by a command', () => {
  it('puts every word into its environment, and none of them through a shell', async () => {
    const command = program('mine', `env | grep -A1 ^BULMA_ > "${folder}/env.got"; pwd; ls "${folder}"`)
    expect(await send({ command })).toEqual({ how: ['command'], failed: [] })
    const got = readFileSync(`${folder}/env.got`, 'utf8')
    expect(got).toContain(`BULMA_TITLE=${message.title}\n`)
    expect(got).toContain(`BULMA_TEXT=${message.text}\n`)
    expect(got).toContain('BULMA_URGENT=yes\n')
  })

  it.each<[string, string, string]>([
    [
      'fails',
      'echo "no such room: abcdefghijklmnopqrstuvwxyz0123" >&2; exit 3',
      'it ended with 3: no such room: [MASKED]',
    ],
    ['is killed', 'kill -9 $$', 'it ended with SIGKILL'],
  ])('says how one that %s ended', async (_, text, why) => {
    expect(await send({ command: program('mine', text) })).toEqual({
      how: [],
      failed: [{ way: 'command', why }],
    })
  })

  it('says so when there is none, or it is no program', async () => {
    const { failed } = await send({ command: join(folder, 'nothing') })
    expect(failed).toEqual([{ way: 'command', why: 'there is no such program' }])
    const plain = join(folder, 'plain')
    writeFileSync(plain, 'x', { mode: 0o600 })
    const why = 'it could not be started (EACCES)'
    expect((await send({ command: plain })).failed).toEqual([{ way: 'command', why }])
  })
})

describe('telling again', () => {
  it('goes only the ways that did not take it', async () => {
    const command = recorder('mine')
    expect(await send({ ntfy: `${receiver.origin}/topic`, command }, ['ntfy'])).toEqual({
      how: ['ntfy'],
      failed: [],
    })
    expect(() => recorded('mine')).toThrow('ENOENT')
  })
})
