import { readFileSync } from 'node:fs'
import { giveOrder, type Order } from './control.ts'
import { readBankRecord } from './record.ts'

// node order.ts RECORD: gives the orders on standard input, a JSON array, to the banks that the record is of.
const { control } = readBankRecord({ bank: process.argv[2] ?? '' })
const orders = JSON.parse(readFileSync(0, 'utf8')) as Order[]
for (const order of orders) await giveOrder(control, order)
