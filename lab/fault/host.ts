import { legacyTimerText } from '../healthy/unit.ts'
import type { Fault, Switch } from '../world.ts'

const turned = (kind: string, name: Switch, says: string, text = ''): Fault => ({
  name,
  says,
  kind,
  plant: (world) => world.turn(name, true, text),
  mend: (world) => world.turn(name, false),
})

/** What keeps one from looking. */
export const lookFaults: Fault[] = [
  turned('look', 'port-refused', 'nothing listens on the SSH port of Z2'),
  turned('look', 'host-key', 'Z2 shows another host key than the known one'),
  turned('look', 'cut-output', 'the connection is lost in the middle of what the probe prints'),
  turned('look', 'noisy-shell', 'the login shell of Z2 prints a greeting before every command'),
  turned('look', 'slow', 'every command begins three seconds late'),
  turned('look', 'black-hole', 'Z2 takes connections and never answers'),
  turned('look', 'pct-missing', 'there is no pct on Z2'),
  turned('look', 'pct-hangs', 'pct never comes back'),
]

/** What keeps one from repairing. */
export const repairFaults: Fault[] = [
  turned('repair', 'repair-fails-enable', 'systemctl enable fails in container 109: Read-only file system'),
  turned('repair', 'repair-fails-chmod', 'nothing on Z2 can change a mode: Read-only file system'),
  turned(
    'repair',
    'repair-fails-legacy-morning',
    'hinata-poll-truelayer-morning.timer comes back when it is removed',
    legacyTimerText('morning'),
  ),
  turned(
    'repair',
    'repair-fails-legacy-evening',
    'hinata-poll-truelayer-evening.timer comes back when it is removed',
    legacyTimerText('evening'),
  ),
]
