import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome']

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // not there, or not to be run
  }
}

/** A Chromium on PATH: the system's own, since nothing is downloaded for a test. */
export const chromiumPath = (process.env.PATH ?? '')
  .split(':')
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find(isProgram)

/** Whether tests with a real browser run: always in CI, where a missing one is a failure. */
export const hasBrowser = chromiumPath !== undefined || process.env.CI !== undefined

/** Throws when there is none. Chromium's sandbox refuses to run as root, which CI is. */
export async function launchChromium(...args: string[]): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no chromium on PATH: apt-get install chromium')
  const isRoot = process.getuid?.() === 0
  return chromium.launch({
    executablePath: chromiumPath,
    args: [...(isRoot ? ['--no-sandbox'] : []), ...args],
  })
}
