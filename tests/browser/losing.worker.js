// SPDX-License-Identifier: MIT
//
// The engine's worker with a graphics card that is lost after a run's first iteration.

import './lose_device.js'
import '../../src/api/worker/entry.browser.js'
