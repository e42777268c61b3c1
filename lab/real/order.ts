import { readFileSync } from 'node:fs'
import { giveOrder, type Order } from '../bank/control.ts'
import { bankRecord } from './bank.ts'

// node order.ts RECORD: gives the orders on standard input, a JSON array, to the banks that the record is of.
const { control } = bankRecord.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')))
const orders = JSON.parse(readFileSync(0, 'utf8')) as Order[]
for (const order of orders) await giveOrder(control, order)
