import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openBrowser, whyNoBrowser } from '../../../lib/io/login/browser.ts'
import { until } from './wait-place.ts'

const ssh = { SSH_CONNECTION: '10.0.0.2 50000 10.0.0.1 22' }

describe('whether a browser is tried', () => {
  it.each([
    ['darwin', {}, null],
    ['darwin', ssh, 'this is an ssh session'],
    ['darwin', { SSH_TTY: '/dev/ttys001' }, 'this is an ssh session'],
    ['darwin', { ...ssh, BROWSER: 'firefox' }, 'this is an ssh session'],
    ['linux', {}, 'there is no display'],
    ['linux', { DISPLAY: '' }, 'there is no display'],
    ['linux', { DISPLAY: ':0' }, null],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, null],
    ['linux', ssh, 'this is an ssh session'],
    ['linux', { ...ssh, DISPLAY: 'localhost:10.0' }, null],
    ['linux', { ...ssh, BROWSER: '/home/me/.vscode-server/bin/helpers/browser.sh' }, null],
    ['linux', { BROWSER: 'firefox' }, null],
  ] as const)('on %s with %j: %j', (platform, environment, why) => {
    expect(whyNoBrowser(platform, environment)).toBe(why)
  })
})

/** A browser of our own: it writes down what it is given, then ends with this code. */
function browser(code: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulma-browser-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'browser')
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/given\nexit ${code}\n`)
  chmodSync(path, 0o755)
  vi.stubEnv('BROWSER', path)
  return join(folder, 'given')
}

// What opens a browser on Linux is xdg-open, which heeds $BROWSER; on macOS a real one would come up.
describe.runIf(process.platform === 'linux')('opening a browser', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })
  const address =
    "https://auth.truelayer.com/?client_id=a-b&scope=info%20accounts&state=x'y;$(z)&redirect_uri=http%3A%2F%2Flocalhost"

  it('gives it the very address', async () => {
    const given = browser(0)
    expect(await openBrowser(address, true)).toEqual({ opened: true })
    await until(() => existsSync(given) && readFileSync(given, 'utf8').endsWith('\n'))
    expect(readFileSync(given, 'utf8')).toBe(`${address}\n`)
  })

  it('says when there is none, and does not throw', async () => {
    const given = browser(0)
    vi.stubEnv('BROWSER', `${given}-that-is-not-there`)
    expect(await openBrowser(address, true)).toEqual({ opened: false, why: 'no browser was found' })
    vi.stubEnv('PATH', '')
    expect(await openBrowser(address, true)).toEqual({ opened: false, why: 'no browser was found' })
  })

  it('says when it fails', async () => {
    browser(1)
    expect(await openBrowser(address, true)).toEqual({ opened: false, why: 'no browser was found' })
  })

  it('does nothing when it is asked not to', async () => {
    const given = browser(0)
    expect(await openBrowser(address, false)).toEqual({ opened: false, why: 'as asked with --no-open' })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(existsSync(given)).toBe(false)
  })

  it.each(['file:///etc/passwd', 'javascript:alert(1)', '--help', 'x-apple.systempreferences:', ''])(
    'does nothing with %j',
    async (other) => {
      const given = browser(0)
      expect(await openBrowser(other, true)).toEqual({ opened: false, why: 'this is no web address' })
      expect(existsSync(given)).toBe(false)
    },
  )
})
