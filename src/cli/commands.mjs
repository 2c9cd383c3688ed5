// SPDX-License-Identifier: MIT
//
// Every command, in the order of the help. The first is meant where none is named.

import { batch } from './commands/batch.mjs'
import { distances } from './commands/distances.mjs'
import { evaluate } from './commands/evaluate.mjs'
import { hypercolumn } from './commands/hypercolumn.mjs'
import { report } from './commands/report.mjs'
import { stylize } from './commands/stylize.mjs'

/** @type {readonly import('./shared/command.mjs').Command[]} */
export const COMMANDS = [stylize, batch, report, evaluate, distances, hypercolumn]
