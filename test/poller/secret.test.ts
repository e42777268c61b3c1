import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type PollPlace, pollers, pollPlace } from './poll-place.ts'

const programs = [
  'cat',
  'chmod',
  'curl',
  'date',
  'flock',
  'head',
  'jq',
  'mv',
  'rm',
  'sed',
  'sha256sum',
  'stat',
  'sync',
]

/** Everything that must stay unseen, the new tokens included. */
const secretsOf = ({ banks, read }: PollPlace): string[] =>
  (['monzo', 'truelayer'] as const).flatMap((bank) => {
    const { access_token, refresh_token } = read(bank)
    return [access_token, refresh_token, banks[bank].client.secret]
  })

const found = (text: string, secrets: string[]): string[] => secrets.filter((secret) => text.includes(secret))

it('no program that a poll runs gets a secret as an argument or in its environment', async () => {
  const place = await pollPlace('argv', 'reference')
  try {
    const shims = join(place.data, 'bin')
    const record = join(place.data, 'record')
    mkdirSync(shims)
    const path = process.env.PATH ?? ''
    for (const name of programs) {
      const text = `#!/bin/sh\n{ printf '%s ' "$0" "$@"; echo; /usr/bin/env; } >>'${record}'\nPATH='${path}' exec ${name} "$@"\n`
      writeFileSync(join(shims, name), text)
      chmodSync(join(shims, name), 0o755)
    }
    const secrets = secretsOf(place)
    for (const bank of ['monzo', 'truelayer'] as const) {
      place.age(bank)
      expect((await place.poll(bank, { PATH: shims })).lines).toContain('refresh ok')
    }
    // and one that has curl's complaint to read
    await place.poll('monzo', { PATH: shims, BULMA_MONZO_API: 'http://127.0.0.1:9' })
    const seen = readFileSync(record, 'utf8')
    expect(programs.filter((name) => !seen.includes(`${shims}/${name} `))).toEqual([])
    expect(found(seen, [...secrets, ...secretsOf(place)])).toEqual([])
    expect(seen).not.toContain('simulated-')
  } finally {
    await place.close()
  }
})

it.each(pollers)(
  'nothing of a %s poll that runs shows a secret in /proc, and its log has none',
  async (poller) => {
    const place = await pollPlace('proc', poller)
    try {
      const secrets = secretsOf(place)
      place.age('monzo')
      place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 150, on: 'any' }] })
      const child = place.begin('monzo')
      const ended = place.end(child).then(() => true)
      const seen: string[] = []
      const group = String(child.pid)
      while (!(await Promise.race([ended, wait(2).then(() => false)]))) {
        for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
          try {
            // pid (comm) state ppid pgrp …
            if (
              readFileSync(`/proc/${pid}/stat`, 'utf8')
                .replace(/^.*\) /s, '')
                .split(' ')[2] !== group
            )
              continue
            seen.push(
              readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
              readFileSync(`/proc/${pid}/environ`, 'utf8'),
            )
          } catch (error) {
            // it ended while it was looked at; anything else is a fault of this test
            expect((error as NodeJS.ErrnoException).code).toMatch(/^(ENOENT|ESRCH)$/)
          }
        }
      }
      const program = poller === 'reference' ? 'curl\0' : 'perl\0'
      expect(seen.filter((text) => text.includes(program)).length).toBeGreaterThan(5)
      const all = [...secrets, ...secretsOf(place)]
      expect(found(seen.join('\n'), all)).toEqual([])
      expect(found(place.log('monzo'), all)).toEqual([])
    } finally {
      await place.close()
    }
  },
)

it.each(pollers)('a reply that quotes a secret is not quoted in the log: %s poller', async (poller) => {
  const place = await pollPlace('quote', poller)
  try {
    const { refresh_token } = place.read('truelayer')
    place.write('truelayer', { ...place.read('truelayer'), refresh_token: 'invalid_grant', expires_at: 1 })
    const { lines } = await place.poll('truelayer')
    expect(lines.at(-1)).toBe('refresh failed: HTTP 400')
    expect(place.banks.truelayer.isLive(refresh_token)).toBe(true)
  } finally {
    await place.close()
  }
})
