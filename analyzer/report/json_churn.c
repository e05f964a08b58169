/* SPDX-License-Identifier: MIT */
/* Allocations by place and type, how they died and how soon. */
#include "analysis/churn_advice.h"
#include "report/json_writer.h"

/* Sites listed unless told otherwise: the rest is a long tail of single allocations. */
#define SITES_DEFAULT 2000u

static json_t *percentile(const struct lifetimes *lifetimes, unsigned percent)
{
    uint64_t bytes = lifetimes_percentile(lifetimes, percent);
    return bytes ? json_number(bytes) : json_null();
}

/* { "below": bytes, "count": n } for every bucket that has any. */
static json_t *histogram(const struct lifetimes *lifetimes)
{
    json_t *array = json_array();
    for (unsigned b = 0; b < OURO_LIFETIME_BUCKETS; b++) {
        if (!lifetimes->bucket[b])
            continue;
        uint64_t below = (uint64_t)OURO_CLOCK_UNIT << b;
        json_t *bucket = json_with(json_object(), "below", json_number(below));
        array = json_append(array, json_with(bucket, "count", json_number(lifetimes->bucket[b])));
    }
    return array;
}

static json_t *site_element(const struct report *report, uint32_t index)
{
    const struct churn *churn = &report->churn;
    const struct churn_site *s = &churn->sites[churn->order[index]];
    json_t *deaths = json_with(json_object(), "refcount", json_number(s->deaths[0]));
    deaths = json_with(deaths, "collector", json_number(s->deaths[1]));
    deaths = json_with(deaths, "shutdown", json_number(s->deaths[2]));
    json_t *lifetime = json_with(json_object(), "p50", percentile(&s->lifetimes, 50));
    lifetime = json_with(lifetime, "p99", percentile(&s->lifetimes, 99));
    lifetime = json_with(lifetime, "histogram", histogram(&s->lifetimes));
    json_t *o = json_with(json_object(), "type", json_text_or_null(s->type));
    o = json_with(o, "allocations", json_number(s->allocations));
    o = json_with(o, "bytes", json_number(s->bytes));
    o = json_with(o, "alive", json_number(s->alive));
    o = json_with(o, "deaths", deaths);
    o = json_with(o, "lifetime", lifetime);
    o = json_with(o, "short_lived", json_number(s->short_lived));
    o = json_with(o, "short_bytes", json_number(s->short_bytes));
    o = json_with(o, "advice", json_text_or_null(churn_advice(s, LINE_CODE)));
    return json_with_place(o, report, s->site);
}

void json_churn_write(struct writer *w)
{
    const struct churn *c = &w->report->churn;
    writer_member(w, "\"churn\": {\"allocations\": ", json_number(c->allocations));
    writer_member(w, ", \"bytes\": ", json_number(c->bytes));
    writer_member(w, ", \"alive\": ", json_number(c->alive));
    writer_member(w, ", \"within\": ", json_number(c->within));
    writer_member(w, ", \"short_lived\": ", json_number(c->short_lived));
    writer_member(w, ", \"short_bytes\": ", json_number(c->short_bytes));
    writer_member(w, ", \"unknown_types\": ",
                  c->deaths ? json_real((double)c->untyped / (double)c->deaths) : json_null());
    writer_member(w, ", \"plain_allocations\": ", json_number(c->plain_allocations));
    writer_member(w, ", \"plain_bytes\": ", json_number(c->plain_bytes));
    writer_member(w, ", \"estimated\": ", json_boolean(w->report->process->sample));
    writer_list(w, ",\n\"sites\": [", c->order_count, writer_top(w, SITES_DEFAULT), site_element);
    writer_text(w, "}");
}
