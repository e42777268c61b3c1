import { describe, expect, it } from 'vitest'
import { ansible } from '../../bench/ansible/contender.ts'

const { found } = ansible('default', '/nowhere', '/nowhere/a')

describe('what Ansible prints', () => {
  it('names what differs by the task, and by the item where there is one', () => {
    const out = `
PLAY [hinata-z2] ***************************************************************

TASK [ct109/address/192.168.1.214] *********************************************
changed: [hinata-z2]

TASK [ct109/timer] *************************************************************
changed: [hinata-z2] => (item=bulma-poll-monzo.timer)
ok: [hinata-z2] => (item=bulma-poll-truelayer.timer)

TASK [z2/legacy-unit] **********************************************************
ok: [hinata-z2] => (item=hinata-poll-truelayer-morning.timer) => {
    "msg": "hinata-poll-truelayer-morning.timer"
}
changed: [hinata-z2] => (item=hinata-poll-truelayer-evening.timer) => {
    "msg": "hinata-poll-truelayer-evening.timer"
}

PLAY RECAP *********************************************************************
hinata-z2                  : ok=13   changed=3    unreachable=0    failed=0
`
    expect(found(out)).toEqual([
      'ct109/address/192.168.1.214',
      'ct109/timer/bulma-poll-monzo.timer',
      'z2/legacy-unit/hinata-poll-truelayer-evening.timer',
    ])
  })

  it('is no answer when a task failed', () => {
    const out = 'TASK [z2/token-age] ****\nfatal: [hinata-z2]: FAILED! => {"msg": "jq: not found"}\n'
    expect(() => found(out)).toThrow('Ansible, z2/token-age: fatal: [hinata-z2]: FAILED!')
  })
})
