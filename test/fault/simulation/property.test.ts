import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { parseConfig } from '../../../lib/config.ts'
import { diagnose } from '../../../lib/diagnosis.ts'
import { repairText } from '../../../lib/io/repair-text.ts'
import { judgeCallback } from '../../../lib/login/callback.ts'
import { redact } from '../../../lib/login/secret-values.ts'
import { lastLine, masked, withoutControls } from '../../../lib/mask.ts'
import { messages } from '../../../lib/message.ts'
import { outcome } from '../../../lib/outcome.ts'
import { perlLiteral } from '../../../lib/perl-literal.ts'
import { plan } from '../../../lib/plan.ts'
import { parseProbeOutput } from '../../../lib/probe-output.ts'
import { Problem } from '../../../lib/problem.ts'
import { parseContainerConfig } from '../../../lib/proxmox-config.ts'
import { inCommand, quote } from '../../../lib/quote.ts'
import { renderJson, renderLook } from '../../../lib/report.ts'
import { resources } from '../../../lib/resource.ts'
import { parseTimespan, parseTimestamp, parseUnits } from '../../../lib/systemd-unit.ts'
import { parseHistory } from '../../../lib/watch/entry.ts'
import { healthy } from '../../healthy.ts'
import { isAll } from '../../run-kind.ts'
import { about, type Row } from '../row.ts'

// What must hold of any text and any answer, tried with some thousands of each (fast-check). A failure prints the smallest
// example and the seed.

vi.setConfig({ testTimeout: 600_000 })

const numRuns = Number(process.env.BULMA_RUNS ?? (isAll ? 5000 : 150))
const seed = Number(process.env.BULMA_SEED ?? 1)
const holds = <T>(of: fc.Arbitrary<T>, property: (value: T) => void, runs = numRuns): void =>
  fc.assert(fc.property(of, property), { numRuns: runs, seed })

const shown = (task: Parameters<typeof about>[0], fault: string, sees: string): Row =>
  about(task, {
    family: 'randomised',
    fault: `any input: ${fault}`,
    sees,
    exit: 'none of its own',
    after: 'no exception, no control character',
    cases: numRuns,
  })

/** Text of every kind: what steers terminals and shells more often than by chance. */
const odd = fc.constantFrom(
  ...[
    '\u001b[2J',
    '\u009b',
    '\n',
    '\r',
    '\0',
    "'",
    '"',
    '`',
    '$(x)',
    '\\',
    '%s',
    '\u202e',
    '\u2028',
    '-',
    '=',
    ',',
    'BULMA ',
  ],
)
const text = fc
  .array(fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ maxLength: 30 }), odd), {
    maxLength: 6,
  })
  .map((parts) => parts.join('').toWellFormed())
const steering = /[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

const id = 'a1b2c3'
const answer = readFileSync(join(import.meta.dirname, '../../fixture/look/healthy.txt'), 'utf8')
const lines = answer.split('\n')
const begin = lines.indexOf(`BULMA ${id} BEGIN`)
const end = lines.findIndex((line) => line.startsWith(`BULMA ${id} END`))
const records = lines.slice(begin + 1, end).map((line) => JSON.parse(line) as Json)
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const printed = (all: Json[]): string =>
  [`BULMA ${id} BEGIN`, ...all.map((one) => JSON.stringify(one)), `BULMA ${id} END ${all.length}`, ''].join(
    '\n',
  )

const junk: fc.Arbitrary<Json> = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<Json>(null, true, false, [], {}),
  fc.constantFrom<Json>(
    'absent',
    'file',
    'link',
    'folder',
    'here',
    'broken',
    'ended',
    'hung',
    'not-started',
    'unreadable',
    'other-node',
  ),
)

/** The places of all values in the records, deepest included. */
const places = (value: Json, path: (string | number)[] = []): (string | number)[][] =>
  value !== null && typeof value === 'object'
    ? [path, ...Object.entries(value).flatMap(([key, one]) => places(one as Json, [...path, key]))]
    : [path]
const all = places(records).filter((path) => path.length > 1)
const changedAt = (value: Json, [first, ...rest]: (string | number)[], to: Json): Json => {
  if (first === undefined) return to
  if (Array.isArray(value))
    return value.map((one, at) => (String(at) === String(first) ? changedAt(one, rest, to) : one))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === first ? changedAt(one, rest, to) : one]),
  )
}
/** A whole answer in which some values are others. */
const lie = fc
  .array(fc.tuple(fc.constantFrom(...all), junk), { minLength: 1, maxLength: 5 })
  .map((changes) => changes.reduce<Json>((now, [path, to]) => changedAt(now, path, to), records) as Json[])
/** The same with texts that only have something behind them: most of it is still believed. */
const poisoned = fc.tuple(text, fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 8 })).map(
  ([poison, paths]) =>
    paths.reduce<Json>((now, path) => {
      const old = path.reduce<Json | undefined>(
        (at, key) => (at !== null && typeof at === 'object' ? (at as Record<string, Json>)[key] : undefined),
        now,
      )
      const isKept = path.at(-1) === 'k' || path.at(-1) === 'state' || path.at(-1) === 'bank'
      return typeof old === 'string' && !isKept ? changedAt(now, path, `${old}${poison}`) : now
    }, records) as Json[],
)

const { declaration, config, seen: good } = healthy()
const scripts = repairText()

it('the answer that all of this begins with is that of a Z2 where everything holds', () => {
  const output = parseProbeOutput(answer, id)
  if (output.state !== 'whole') throw new Error(output.state)
  expect(outcome(plan(declaration, { ...good, host: output.host }, 'z2'))).toBe(0)
})

describe('the parser', () => {
  it('takes any text for anything but a whole look', ({ task }) => {
    shown(task, 'text in the place of an answer', 'cannot look at hinata-z2')
    holds(fc.tuple(text, text, fc.nat(answer.length - 2)), ([before, inside, cut]) => {
      expect(parseProbeOutput(before + inside, id).state).not.toBe('whole')
      expect(parseProbeOutput(answer.slice(0, cut), id).state).not.toBe('whole')
      const noisy = `${before.replaceAll('BULMA', '')}\n${answer}`
      expect(parseProbeOutput(noisy, id).state).toBe('whole')
    })
  })

  it('takes an answer with any line gone, doubled or changed for what it is', ({ task }) => {
    shown(task, 'answers of which a line is gone or in the place of another', 'the look was cut short')
    holds(fc.tuple(fc.nat(records.length - 1), fc.nat(records.length - 1), junk), ([at, to, value]) => {
      const without = records.filter((_, index) => index !== at)
      const output = parseProbeOutput(printed(without), id)
      // A file, a log or a bank's notes that nothing was said of: whatever hangs on them does not hold.
      if (output.state === 'whole') {
        const findings = plan(declaration, { ...good, host: output.host }, 'z2')
        expect([records[at], outcome(findings)]).not.toEqual([records[at], 0])
      }
      expect(parseProbeOutput(printed(records.with(to, value)), id).state).not.toBe('whole')
      const count = printed(records).replace(/END \d+/, `END ${records.length + 1 + at}`)
      expect(parseProbeOutput(count, id).state).not.toBe('whole')
    })
  })

  it('reads units, times, configurations and histories of any form', ({ task }) => {
    shown(task, 'units, moments, spans, 109.conf, histories', 'unknown where it is none')
    holds(text, (any) => {
      parseUnits(any)
      parseTimestamp(any)
      parseTimespan(any)
      parseContainerConfig(any.split('\n'))
      expect(parseHistory(any).entries).toEqual([])
      expect(judgeCallback(any, () => false).kind).not.toBe('arrived')
    })
  })

  it('refuses any configuration by the name of its key, or takes it', ({ task }) => {
    shown(task, 'configurations', 'bulma:KEY and what it must be')
    holds(
      fc.dictionary(
        fc.oneof(text, fc.constantFrom('host', 'containerId', 'login', 'watch', 'truelayer', 'unitDirs')),
        junk,
      ),
      (raw) => {
        try {
          parseConfig(raw, 'Pulumi.x.yaml')
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          expect(error.exitCode).toBe(64)
          expect(error.lines.why).toMatch(/^bulma:/)
        }
      },
    )
  })
})

describe('the planner', () => {
  const judged = (answered: Json[]): void => {
    const output = parseProbeOutput(printed(answered), id)
    if (output.state !== 'whole') return
    const seen = { ...good, host: output.host }
    const findings = plan(declaration, seen, 'z2')
    expect(findings).toHaveLength(21)
    const look = {
      stack: 'z2',
      host: config.host,
      container: 'ct109 bulma-finance',
      lookedAt: '2026-11-22T04:07:00Z',
      tookMs: 1,
      findings,
    }
    const banks = (['monzo', 'truelayer'] as const).map((bank) => diagnose(bank, { declaration, look, seen }))
    const told = [
      renderLook(look, 'npm run up', false),
      JSON.parse(renderJson(look)),
      ...messages(findings, true),
      ...banks,
      ...resources(declaration, findings, 'id', scripts).map(({ args }) => args.environment.LAST_DRIFT),
    ]
    const strings = JSON.stringify(told)
    // As JSON writes them: an escaped control character is one that was there.
    expect(strings).not.toMatch(/\\u00(?!0a)[01][0-9a-f]|\\[bfr]|\\u007f/)
    expect(strings).not.toMatch(steering)
    const { inside } = output.host
    if (inside.state !== 'answered') {
      const insideKinds = ['timer', 'address', 'container']
      const held = findings.filter(({ kind, state }) => insideKinds.includes(kind) && state === 'holds')
      expect(held).toEqual([])
      expect(outcome(findings)).not.toBe(0)
    }
  }

  it('judges any whole answer, and prints nothing that steers a terminal', ({ task }) => {
    shown(task, 'whole answers in which any values are others', 'what was seen, or that it is not known')
    holds(lie, judged)
  })

  it('the same where every text of the answer has something behind it', ({ task }) => {
    shown(task, 'whole answers with something behind every text', 'what was seen, without control characters')
    holds(poisoned, judged)
  })

  it('never calls fine what one value of the answer has changed to its worse', ({ task }) => {
    shown(task, 'a container that did not answer, in any way', 'could not be looked at')
    const at = records.findIndex((one) => (one as { k: string }).k === 'inside')
    const inside = records[at] as { out: string }
    holds(
      fc.record({
        state: fc.constantFrom('ended', 'hung', 'not-started', 'not-asked'),
        exit: fc.option(fc.integer({ min: 0, max: 255 }), { nil: null }),
        cut: fc.nat(inside.out.length - 3),
        err: text,
        status: fc.option(text),
      }),
      ({ cut, ...change }) => {
        const told = { ...inside, ...change, out: inside.out.slice(0, cut) }
        const output = parseProbeOutput(printed(records.with(at, told as Json)), id)
        if (output.state !== 'whole') throw new Error(`not read: ${JSON.stringify(output)}`)
        const findings = plan(declaration, { ...good, host: output.host }, 'z2')
        expect(outcome(findings)).not.toBe(0)
        expect(findings.find(({ kind }) => kind === 'container')?.state).not.toBe('holds')
      },
    )
  })
})

describe('quoting', () => {
  const words = fc.array(
    text.map((one) => one.replaceAll('\0', '')),
    { minLength: 1, maxLength: 40 },
  )
  const runs = Math.ceil(numRuns / 40)

  it('is one word for a shell, whatever it is', ({ task }) => {
    shown(task, 'words for a shell', 'the word itself')
    for (const shell of ['sh', 'bash'])
      holds(
        words,
        (some) => {
          const out = execFileSync(shell, ['-c', `printf '%s\\0' ${some.map(quote).join(' ')}`], {
            encoding: 'utf8',
          })
          expect(out.split('\0').slice(0, -1)).toEqual(some)
          const bare = execFileSync(shell, ['-c', `printf '%s\\0' ${some.map(inCommand).join(' ')}`], {
            encoding: 'utf8',
          })
          expect(bare).toBe(out)
        },
        runs,
      )
  })

  it('is one string for Perl, whatever it is', ({ task }) => {
    shown(task, 'values for Perl', 'the value itself')
    holds(
      words,
      (some) => {
        const program = `print map { "$_\\0" } @{${perlLiteral(some)}}`
        const out = execFileSync('perl', ['-'], { encoding: 'utf8', input: program })
        expect(out.split('\0').slice(0, -1)).toEqual(some)
      },
      runs,
    )
  })
})

describe('masking', () => {
  it('leaves no run of 24 token letters and no control character, and is done after one time', ({ task }) => {
    shown(task, 'foreign text', 'the text, masked')
    const tokens = fc.string({
      unit: fc.constantFrom(...'abcXYZ019+/=_.-'),
      minLength: 20,
      maxLength: 60,
    })
    holds(fc.array(fc.oneof(text, tokens), { maxLength: 5 }), (parts) => {
      const left = masked(parts.join(''))
      expect(left).not.toMatch(/[A-Za-z0-9+/=_.-]{24,}/)
      expect(left).not.toMatch(steering)
      expect(masked(left)).toBe(left)
      expect(lastLine(parts.join(''))).not.toMatch(/\n/)
      expect(withoutControls(withoutControls(parts.join('')))).toBe(withoutControls(parts.join('')))
    })
  })

  it('finds a secret that an escape or a control character divides', ({ task }) => {
    shown(task, 'a secret that escapes divide', '[MASKED]')
    const secret = fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 24, maxLength: 48 })
    const divider = fc.constantFrom(
      '\u001b[0m',
      '\u001b[31;1m',
      '\u0000',
      '\u0007',
      '\r',
      '\u009b',
      '\u202e',
      '\u2068',
    )
    holds(fc.tuple(secret, divider, fc.nat(23)), ([one, between, at]) => {
      const left = masked(`refresh ${one.slice(0, at)}${between}${one.slice(at)} end`)
      expect(left).not.toContain(one)
      expect(left.replace(/[^a-zA-Z0-9_-]/g, '')).not.toContain(one)
    })
  })
})

describe('redaction', () => {
  it('takes a known secret out in every dress', ({ task }) => {
    shown(task, 'known secrets in any text', '[MASKED]')
    const secret = fc
      .oneof(fc.string({ minLength: 8, maxLength: 60 }), fc.base64String({ minLength: 8, maxLength: 64 }))
      .filter((one) => new Set(one).size > 4 && !'[MASKED]'.includes(one))
    holds(
      fc.tuple(secret, fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 })),
      ([one, before, after]) => {
        const dresses = [
          one,
          encodeURIComponent(one),
          new URLSearchParams({ a: one }).toString(),
          JSON.stringify({ [before]: one, after }),
          ...(['base64', 'base64url'] as const).map((form) =>
            Buffer.from(`${before}${one}${after}`).toString(form),
          ),
        ]
        for (const dress of dresses) {
          const left = redact(`${before} ${dress} ${after}`, [one])
          expect(left).toContain('[MASKED]')
        }
        expect(redact(`${before}${one}${after}`, [one]).replaceAll('[MASKED]', '\u0000')).not.toContain(one)
      },
    )
  })
})
