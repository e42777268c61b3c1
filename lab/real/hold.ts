import type { Errands } from './errand.ts'

const file = '/var/lib/bulma-lab/hold'
const patienceSeconds = 10
// a poll that has begun ends first: it would otherwise meet a half-planted fault
const hold = `mkdir -p ${file.replace(/\/hold$/, '')}; : >${file}; n=0
  while systemctl list-jobs --no-legend | grep -q bulma-poll && [ $n -lt ${patienceSeconds * 10} ]; do sleep 0.1; n=$((n + 1)); done`

/** While this is on, the timers of the pollers start nothing, so that what was planted stays as it is. By hand polls go on. */
export const holdPolls = (errands: Errands, on: boolean): void =>
  errands.add({ on: 'ct109', program: on ? hold : `rm -f ${file}` })
