/* SPDX-License-Identifier: MIT
 *
 * See plan.h.
 */
#include "gpu/plan.h"

#include <stdlib.h>
#include <string.h>

static void add(gpu_plan *plan, gpu_words *words, const uint32_t *values, size_t count)
{
    if (words->count + count > words->room) {
        const size_t room = 2 * (words->count + count) + 64;
        uint32_t *at = plan->failed ? NULL : realloc(words->at, room * sizeof *at);
        if (!at) {
            plan->failed = 1;
            return;
        }
        words->at = at;
        words->room = room;
    }
    memcpy(words->at + words->count, values, count * sizeof *values);
    words->count += count;
}

void gpu_plan_begin(gpu_plan *plan)
{
    *plan = (gpu_plan){0};
    for (int i = 0; i < GPU_WEIGHTS_COUNT; i++)
        add(plan, &plan->buffers, &(uint32_t){0}, 1);
}

void gpu_plan_free(gpu_plan *plan)
{
    free(plan->buffers.at);
    free(plan->uploads.at);
    for (int l = 0; l < GPU_LIST_COUNT; l++)
        free(plan->list[l].at);
    *plan = (gpu_plan){0};
}

gpu_range gpu_take(gpu_plan *plan, size_t bytes)
{
    const size_t whole = gpu_round(bytes ? bytes : 1, GPU_ALIGN);
    const gpu_range range = {(uint32_t)plan->buffers.count, 0, (uint32_t)whole};
    if (whole > UINT32_MAX)
        plan->failed = 1;
    add(plan, &plan->buffers, &range.bytes, 1);
    plan->bytes += (double)whole;
    plan->largest = (double)whole > plan->largest ? (double)whole : plan->largest;
    return range;
}

gpu_range gpu_part(gpu_range whole, size_t offset, size_t bytes)
{
    return (gpu_range){whole.buffer, whole.offset + (uint32_t)offset, (uint32_t)bytes};
}

void gpu_upload(gpu_plan *plan, gpu_range to, const void *from, size_t bytes)
{
    const uint32_t words[4] = {to.buffer, to.offset, (uint32_t)(uintptr_t)from, (uint32_t)bytes};
    add(plan, &plan->uploads, words, 4);
    plan->upload_count++;
}

void gpu_dispatch(gpu_plan *plan, gpu_kernel kernel, size_t x, size_t y, double operations,
                  const gpu_range *ranges, int range_count, const uint32_t *params, int param_count)
{
    gpu_words *list = &plan->list[plan->current];
    const uint32_t millions = (uint32_t)(operations / 1e6) + 1;
    const uint32_t head[5] = {kernel, (uint32_t)x, (uint32_t)y, millions, (uint32_t)range_count};
    if (x == 0 || y == 0)
        return;
    add(plan, list, head, 5);
    for (int i = 0; i < range_count; i++) {
        const uint32_t range[3] = {ranges[i].buffer, ranges[i].offset, ranges[i].bytes};
        add(plan, list, range, 3);
        plan->largest_range = ranges[i].bytes > plan->largest_range ? ranges[i].bytes : plan->largest_range;
    }
    add(plan, list, &(uint32_t){(uint32_t)param_count}, 1);
    add(plan, list, params, (size_t)param_count);
    plan->dispatches[plan->current]++;
}

size_t gpu_rows(const gpu_limits *limits, size_t rows, size_t row_bytes, size_t more, double operations)
{
    const double by_bytes = limits->binding_bytes / (double)row_bytes - (double)more;
    const double by_work = limits->millions * 1e6 / (operations + 1);
    const double most = by_bytes < by_work ? by_bytes : by_work;
    return most >= (double)rows ? rows : most < 2 ? (rows < 2 ? rows : 2) : (size_t)most / 2 * 2;
}

uint32_t *gpu_plan_write(size_t *count, const gpu_plan *plan)
{
    size_t total = 2 + plan->buffers.count + plan->uploads.count;
    for (int l = 0; l < GPU_LIST_COUNT; l++)
        total += 1 + plan->list[l].count;
    uint32_t *words = plan->failed ? NULL : malloc(total * sizeof *words);
    if (!words)
        return NULL;
    uint32_t *at = words;
    *at++ = (uint32_t)plan->buffers.count;
    memcpy(at, plan->buffers.at, plan->buffers.count * sizeof *at);
    at += plan->buffers.count;
    *at++ = plan->upload_count;
    if (plan->uploads.count)
        memcpy(at, plan->uploads.at, plan->uploads.count * sizeof *at);
    at += plan->uploads.count;
    for (int l = 0; l < GPU_LIST_COUNT; l++) {
        *at++ = plan->dispatches[l];
        if (plan->list[l].count)
            memcpy(at, plan->list[l].at, plan->list[l].count * sizeof *at);
        at += plan->list[l].count;
    }
    *count = total;
    return words;
}
