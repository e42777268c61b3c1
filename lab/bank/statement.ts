const dayMs = 86_400_000

/** A line of an account: how many days before today, and the amount in pence. */
type Line = { day: number; pence: number; what: string }

const line = (day: number, pence: number, what: string): Line => ({ day, pence, what })

/** Older than any window that a poll asks for, and older than the 90 days that need a fresh login. */
const history: Line[] = [line(75, -1999, 'Trousers'), line(120, -4500, 'Train'), line(200, -1250, 'Cinema')]

/** Ten and four lines in the last fortnight, -83.20 pounds together: what the simulated log of lab/healthy says. */
const monzoCurrent: Line[] = [
  ...[350, 1240, 899, 420, 2150, 375, 680, 1105, 310, 791].map((pence, index) =>
    line(index + 1, -pence, 'Shop'),
  ),
  ...history,
]
const monzoJoint: Line[] = [
  line(2, -5000, 'Rent share'),
  line(5, -2500, 'Energy'),
  line(9, 10_000, 'Standing order'),
  line(12, -2500, 'Water'),
]

/** Twenty-one lines on two accounts and a card, -412.07 pounds together. */
const natwestCurrent: Line[] = [
  line(1, -6500, 'Groceries'),
  line(2, -1299, 'Music'),
  line(3, -4200, 'Petrol'),
  line(4, -2250, 'Pharmacy'),
  line(6, -899, 'Coffee'),
  line(7, -1500, 'Books'),
  line(8, -3700, 'Groceries'),
  line(10, -2100, 'Lunch'),
  line(12, -999, 'Cloud'),
  line(13, 5000, 'Refund'),
  ...history,
]
const natwestSavings: Line[] = [
  line(1, 1250, 'Interest'),
  line(5, -5000, 'Transfer'),
  line(11, 2500, 'Transfer'),
]
const natwestCard: Line[] = [5999, 1250, 4310, 2799, 1650, 3000, 1507, 995].map((pence, index) =>
  line(index * 2 + 1, -pence, 'Card payment'),
)

export type Account = {
  id: string
  kind: string
  name: string
  currency: 'GBP'
  sortCode: string
  number: string
  lines: Line[]
  pence: number
}

const account = (
  user: string,
  kind: string,
  name: string,
  last: string,
  lines: Line[],
  pence: number,
): Account => ({
  // other people have other accounts
  id: `acc_0000${user.slice(-8)}${last}`,
  kind,
  name,
  currency: 'GBP',
  sortCode: kind.startsWith('uk_') ? '04-00-04' : '60-00-01',
  number: `${(Number.parseInt(user.slice(-5), 16) % 10_000).toString().padStart(4, '0')}${last}`,
  lines,
  pence,
})

export const monzoAccounts = (user: string): Account[] => [
  account(user, 'uk_retail', 'Current account', '1001', monzoCurrent, 104_250),
  account(user, 'uk_retail_joint', 'Joint account', '1002', monzoJoint, 31_000),
  account(user, 'uk_monzo_flex_backing_loan', 'Flex', '1003', [], 0),
]

export const natwestAccounts = (user: string): Account[] => [
  account(user, 'TRANSACTION', 'Select account', '2001', natwestCurrent, 88_121),
  account(user, 'SAVINGS', 'Instant saver', '2002', natwestSavings, 410_000),
]

export const natwestCards = (user: string): Account[] => [
  account(user, 'CREDIT', 'Reward card', '3001', natwestCard, -21_510),
]

export type Transaction = { id: string; at: number; pence: number; what: string }

/** The lines of an account as they stand at `now`, oldest first. They move with the days, so that there is always something recent. */
export function transactionsOf({ id, lines }: Account, now: number): Transaction[] {
  const today = Math.floor(now / dayMs)
  return [...lines]
    .sort((one, other) => other.day - one.day)
    .map(({ day, pence, what }) => ({
      id: `tx_${String(today - day).padStart(8, '0')}${id.slice(-4)}`,
      at: (today - day) * dayMs + 9 * 3_600_000,
      pence,
      what,
    }))
}
