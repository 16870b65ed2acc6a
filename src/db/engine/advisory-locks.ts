/**
 * Every advisory lock this product takes on a database: (space, number). One list, so that two purposes never share one; a
 * space of our own, so that other programs on the same database keep out of it.
 */
export const lockSpace = 0x74_72_6f_75

export const advisoryLocks = {
  /** Session lock: exclusive for a single process, shared among the replicas of a cluster. The two never mix. */
  process: 1,
  /** Transaction lock: one migration at a time. */
  migrations: 2,
  /** Transaction lock: who gets a slot is decided by one at a time. */
  admission: 3,
  /** Transaction lock: of several attempts to make the first user one wins. */
  firstUser: 4,
  /** Transaction lock: which model config is the default is decided by one at a time. */
  modelConfigs: 5,
  /** Transaction lock: settings of the deployment are changed by one at a time. */
  settings: 6,
  /** Transaction lock: which keys secrets are written with is changed by one at a time, a start or a rotation. */
  keys: 9,
} as const
