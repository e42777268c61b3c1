import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from './wait-place.ts'

const paste = join(import.meta.dirname, '../../../lib/io/login/paste.ts')
const url = `http://localhost:5001/monzo/callback?state=S&code=CANARY${'x'.repeat(3_000)}`

/** A program that reads pasted lines, writes their lengths down and shows none. */
function program(body: string): { file: string; noted: string } {
  const folder = mkdtempSync(join(tmpdir(), 'bulma-paste-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const noted = join(folder, 'noted')
  writeFileSync(noted, '')
  const file = join(folder, 'program.ts')
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs'
    const { readPastes } = await import(${JSON.stringify(paste)})
    const note = (text) => appendFileSync(${JSON.stringify(noted)}, text + '\\n')
    ${body}`,
  )
  return { file, noted }
}

/** Runs a shell command in a terminal of its own (script(1)); what it shows is gathered in `shown()`. */
function terminal(command: string) {
  const words =
    process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', command] : ['-qec', command, '/dev/null']
  const child: ChildProcess = spawn('script', words, { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  return { type: (keys: string) => child.stdin?.write(keys), shown: () => text, ended }
}

const node = JSON.stringify(process.execPath)
const reading = `
  const reader = readPastes((line) => {
    note('line ' + line.length + ' ' + line.slice(0, 5))
    if (line === 'end') reader.end()
  })
  note('reading ' + reader.isReading)
  console.log('ready')`

describe('pasting in a terminal', () => {
  it('takes long lines, shows none of them, and lets the process end with the terminal as it was', async () => {
    const { file, noted } = program(reading)
    const { type, shown, ended } = terminal(`stty -a > ${noted}-1; ${node} ${file}; stty -a > ${noted}-2`)
    await until(() => shown().includes('ready'))
    type(`${url}\r\r`)
    type('wrong\u0015abx\u007fc\n')
    await until(() => readFileSync(noted, 'utf8').includes('abc'))
    type('end\r')
    expect(await ended).toBe(0)
    expect(readFileSync(noted, 'utf8')).toBe(
      `reading true\nline ${url.length} http:\nline 3 abc\nline 3 end\n`,
    )
    expect(shown()).not.toMatch(/CANARY|http|abc|end/)
    expect(readFileSync(`${noted}-2`, 'utf8')).toBe(readFileSync(`${noted}-1`, 'utf8'))
    expect(readFileSync(`${noted}-1`, 'utf8')).toMatch(/ echo /)
  })

  it('hears a Ctrl-C that was pressed right before the terminal is given back', async () => {
    const { file, noted } = program(`
      const reader = readPastes(() => undefined, () => note('interrupted'))
      setTimeout(() => {
        note('busy')
        for (const until = Date.now() + 500; Date.now() < until; );
        reader.end()
      }, 50)`)
    const { type, ended } = terminal(`${node} ${file}`)
    await until(() => readFileSync(noted, 'utf8').includes('busy'))
    type('\u0003')
    expect(await ended).toBe(0)
    expect(readFileSync(noted, 'utf8')).toBe('busy\ninterrupted\n')
  })

  it('keeps Ctrl-C: the process gets SIGINT, and the terminal is as it was', async () => {
    const { file, noted } = program(reading)
    const { type, shown, ended } = terminal(
      `stty -a > ${noted}-1; ${node} ${file}; echo "code $?"; stty -a > ${noted}-2`,
    )
    await until(() => shown().includes('ready'))
    type(`${url}\u0003`)
    await ended
    expect(shown()).toContain('code 130')
    expect(shown()).not.toContain('CANARY')
    expect(readFileSync(`${noted}-2`, 'utf8')).toBe(readFileSync(`${noted}-1`, 'utf8'))
  })

  it('calls what it was given for Ctrl-C instead', async () => {
    const { file } = program(`
      const reader = readPastes(() => {}, () => { console.log('stopping'); reader.end() })
      console.log('ready')`)
    const { type, shown, ended } = terminal(`${node} ${file}; echo "code $?"`)
    await until(() => shown().includes('ready'))
    type('\u0003')
    await ended
    expect(shown()).toMatch(/stopping[\s\S]*code 0/)
  })

  it.each([
    ['an exception that nobody catches', `setTimeout(() => { throw new Error('a bug') }, 50)`],
    ['process.exit', `setTimeout(() => process.exit(3), 50)`],
    ['SIGTERM', `setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50)`],
    ['kill -9', `setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50)`],
  ])('gives the terminal back after %s', async (_, end) => {
    const { file, noted } = program(`${reading}\n${end}`)
    const { ended } = terminal(
      `stty -a > ${noted}-1; ${node} ${file} 2> /dev/null; sleep 0.5; stty -a > ${noted}-2`,
    )
    await ended
    expect(readFileSync(`${noted}-2`, 'utf8')).toBe(readFileSync(`${noted}-1`, 'utf8'))
  })

  it('goes on after it was suspended and continued', async () => {
    const { file, noted } = program(`${reading}\nnote('pid ' + process.pid)`)
    // an interactive shell has jobs: Ctrl-Z gives its prompt back
    const { type, shown, ended } = terminal('PS1="prompt " sh -i')
    await until(() => shown().includes('prompt '))
    type(`${node} ${file}\n`)
    await until(() => shown().includes('ready'))
    type('\u001a')
    await until(() => /Stopped|Suspended/i.test(shown()))
    type('stty -a | grep -c " echo "; fg\n')
    await until(() => shown().split('stty -a')[1]?.includes('1\r\n') ?? false)
    const pid = Number(readFileSync(noted, 'utf8').match(/pid (\d+)/)?.[1])
    await until(() => /^[SR]/.test(spawnSync('ps', ['-o', 'stat=', '-p', `${pid}`]).stdout.toString()))
    await new Promise((resolve) => setTimeout(resolve, 100))
    type('CANARY\rend\r')
    await until(() => readFileSync(noted, 'utf8').includes('end'))
    type('exit\n')
    await ended
    expect(shown()).not.toContain('CANARY')
  })
})

describe('without a terminal', () => {
  it('nothing is read, and the process ends by itself', () => {
    const { file, noted } = program(reading)
    const { status, stdout } = spawnSync(process.execPath, [file], {
      input: `${url}\n`,
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect(status).toBe(0)
    expect(stdout).toBe('ready\n')
    expect(readFileSync(noted, 'utf8')).toBe('reading false\n')
  })
})
