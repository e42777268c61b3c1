import { join, resolve } from 'node:path'
import type { Side } from '../world.ts'

/** Where everything of one lab lies, as absolute paths. */
export type Place = ReturnType<typeof placeAt>

/** The lab of a checkout: `.lab` in it, unless a test brings its own folder (relative to the checkout, or absolute). */
export function placeAt(checkout: string, folder = '.lab') {
  const lab = resolve(checkout, folder)
  const roots: Record<Side, string> = {
    z2: join(lab, 'z2'),
    ct109: join(lab, 'ct109'),
    mac: join(lab, 'home'),
  }
  return {
    checkout: resolve(checkout),
    lab,
    roots,
    sshConfig: join(lab, 'ssh_config'),
    knownHosts: join(lab, 'known_hosts'),
    keys: join(lab, 'keys'),
    record: join(lab, 'sim.json'),
    log: join(lab, 'sim.log'),
    /** the pid of who is starting the lab, while that goes on */
    starting: join(lab, 'starting'),
    bin: join(lab, 'bin'),
    /** for the stand-ins: where this lab's commands run */
    checkoutNote: join(lab, 'checkout'),
    /** there from the moment that the lab is to end: what it runs ends then */
    ending: join(lab, 'ending'),
    /** where the simulated banks listen, and how they are given orders */
    bank: join(lab, 'bank.json'),
    bankState: join(lab, 'banks.json'),
    /** the same addresses, as the stack's configuration wants them */
    endpoints: join(lab, 'endpoints.json'),
    owners: join(lab, 'owners'),
    /** switches that the server and the stand-ins ask about: a file each */
    switches: join(lab, 'switch'),
    /** faults that were planted and not mended: a file each */
    planted: join(lab, 'fault'),
    counts: join(lab, 'count'),
  }
}
