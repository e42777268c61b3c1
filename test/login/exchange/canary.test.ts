import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import type { MonzoKnobs } from '../../../lab/bank/knob.ts'
import type { Exchange } from '../../../lib/io/login/exchange.ts'
import { processTexts } from '../../process-text.ts'
import { exchangePlace } from './exchange-place.ts'

const place = await exchangePlace('canary')
afterAll(() => place.end())
const program = join(import.meta.dirname, 'exchange-program.ts')

/** A secret as it is, URL-encoded or in base64. */
const dresses = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
]
const secretsOf = ({ parameters, client, state, verifier }: Exchange): string[] =>
  [new URLSearchParams(parameters).get('code'), client.secret, state, verifier].flatMap((one) =>
    one ? dresses(one) : [],
  )

/** Every file below a folder that others may read or write. */
const open = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const is = statSync(path, { throwIfNoEntry: false })
      return is !== undefined && (is.mode & 0o077) !== 0
    })

describe('secrets of an exchange', () => {
  const ways = [undefined, 'notJson', 'cutReply', '500', 'dropConnectionAfterProcessing']
  it.each(ways)('are in no argument, no environment, no output and no open file (%s)', async (how) => {
    place.banks.monzo.reset()
    place.clear()
    const trouble = [{ how: 'slow', ms: 400, on: 'token', times: 1 }]
    if (how !== undefined) trouble.splice(0, 1, { how, on: 'token', times: 1 } as (typeof trouble)[0])
    place.banks.monzo.knob({ trouble: trouble as MonzoKnobs['trouble'] })
    const asked = await place.comeBack('monzo', { verifier: 'verifier+that/is=a-secret-of-43-characters-at' })
    const secrets = secretsOf(asked)
    const parent = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'pipe'] })
    parent.stdin.end(JSON.stringify(asked))
    let output = ''
    for (const stream of [parent.stdout, parent.stderr])
      stream.on('data', (part: Buffer) => {
        output += part.toString()
      })
    const closed = once(parent, 'close').then(() => true)
    let sawChild = false
    const seen = new Set<string>()
    while (!(await Promise.race([closed, wait(5)]))) {
      for (const text of processTexts()) {
        sawChild ||= text.includes('exchange-child')
        for (const secret of secrets) if (text.includes(secret)) seen.add(secret)
      }
      expect(open(place.folder)).toEqual([])
    }
    const live = place.banks.monzo.liveRefresh()
    expect(sawChild).toBe(true)
    expect([...seen]).toEqual([])
    expect(output).not.toBe('')
    expect(
      [...secrets, ...(live ? dresses(live) : []), 'simulated-'].filter((one) => output.includes(one)),
    ).toEqual([])
    // What is kept beside the answer has nothing of the request in it.
    const kept = place
      .files()
      .map(({ text }) => text)
      .join('')
    expect(secrets.filter((one) => kept.includes(one))).toEqual([])
  })

  it('that a bank quotes are taken out of what it says', async () => {
    const asked = await place.comeBack('monzo', {
      client: { id: 'client', secret: 'short+one' },
      parameters: 'state=s%2Fs%2Fs%2Fs&code=a%2Bcode',
      state: 's/s/s/s',
    })
    const server = createServer((request, response) => {
      let form = ''
      request.on('data', (part: Buffer) => {
        form += part.toString()
      })
      request.on('end', () => {
        const { code, client_secret } = Object.fromEntries(new URLSearchParams(form))
        const error_description = `code ${code}, secret ${client_secret}, ${encodeURIComponent(client_secret ?? '')}, ${Buffer.from(client_secret ?? '').toString('base64')}`
        response
          .writeHead(400, { 'content-type': 'application/json' })
          .end(JSON.stringify({ error: 'invalid_grant', error_description }))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const tokenEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const outcome = await place.exchange({ ...asked, endpoints: { ...asked.endpoints, tokenEndpoint } })
    expect(outcome).toEqual({
      kind: 'refused',
      code: 'invalid_grant',
      says: 'Monzo refused the login: invalid_grant, code [MASKED], secret [MASKED], [MASKED], [MASKED]',
    })
    server.close()
  })
})
