import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { parseConfig } from '../../lib/config.ts'
import { onHost } from '../../lib/next-step.ts'
import { perlLiteral } from '../../lib/perl-literal.ts'
import { inCommand, pathInCommand, quote } from '../../lib/quote.ts'

const config = parseConfig({}, 'Pulumi.z2.yaml')

const odd = [
  "it's",
  '$(touch x)',
  '`id`',
  'a\\b',
  '"',
  "'\\''",
  'two\nlines',
  '-n',
  '*',
  '~',
  '',
  'é ü',
  "\\'",
  '%s',
]

it.each(odd)('%j is one word for a shell', (text) => {
  expect(execFileSync('sh', ['-c', `printf %s ${quote(text)}`], { encoding: 'utf8' })).toBe(text)
  expect(execFileSync('sh', ['-c', `printf %s ${inCommand(text)}`], { encoding: 'utf8' })).toBe(text)
})

it.each(odd)('%j reaches Z2 as one word, through the shell here and the shell there', (text) => {
  const typed = onHost(config, `printf %s ${inCommand(text)}`)
  const here = `ssh() { shift; sh -c "$*"; }\n${typed}`
  expect(execFileSync('sh', ['-c', here], { encoding: 'utf8' })).toBe(text)
})

it.each(odd)('%j below the home is one word too, and the shell fills in the home', (text) => {
  const env = { ...process.env, HOME: '/home/ada' }
  const typed = `printf %s ${pathInCommand(`~/${text}x`)}`
  expect(execFileSync('sh', ['-c', typed], { encoding: 'utf8', env })).toBe(`/home/ada/${text}x`)
})

it.each(odd)('%j is one string for Perl', (text) => {
  expect(execFileSync('perl', ['-e', `print ${perlLiteral(text)}`], { encoding: 'utf8' })).toBe(text)
})

it.each(['a\r\nb', '\r\n', '\r', 'x\r'])('%j keeps its carriage returns in a program for Perl', (text) => {
  const program = `my $v = ${perlLiteral({ [text]: [text] })}; print keys %$v, (values %$v)[0][0]`
  expect(execFileSync('perl', ['-'], { encoding: 'utf8', input: program })).toBe(text + text)
})

it('what reads as a plain word stays one, so that a person can copy it', () => {
  expect(inCommand('/mnt/data/hinata,mp=/root')).toBe('/mnt/data/hinata,mp=/root')
})

it('lists and maps become Perl too', () => {
  const source = `my $v = ${perlLiteral({ a: [1, 'b', undefined], 'c d': { e: 2 } })}; print $v->{a}[1], $v->{'c d'}{e}, defined $v->{a}[2] ? 1 : 0`
  expect(execFileSync('perl', ['-e', source], { encoding: 'utf8' })).toBe('b20')
})
