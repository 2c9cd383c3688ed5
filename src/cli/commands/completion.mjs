// SPDX-License-Identifier: MIT
//
// strotss completion SHELL: a script that completes commands, options and their values in bash or zsh.

import { SCRIPTS } from '../shared/completion.mjs'
import { termNames } from '../shared/terms.mjs'

const shells = Object.keys(SCRIPTS)

/** @type {import('../shared/command.mjs').Command} */
export const completion = {
  name: 'completion',
  forms: [{ operands: ['SHELL'], of: shells,
    usage: `prints a script that completes commands, options and their values; SHELL is ${shells.join(' or ')}` }],
  options: {},

  async run({ files: [shell] }, { commands }) {
    console.log(SCRIPTS[shell](commands, await termNames()))
  }
}
