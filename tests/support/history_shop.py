"""A shop whose visitors and things have histories."""

DOMAIN = """
[domain]
name = "shop"
[request]
noun = "visit"
[[request.field]]
name = "budget"
type = "float"
[item]
noun = "thing"
[[item.field]]
name = "price"
type = "float"
[[item.field]]
name = "brand"
type = "category"

[[feedback]]
name = "buy"
reward = 1
value = [0, 1000]
closes = false
within = "7d"

[[history]]
name = "pick_rate"
what = "rate"
of = "item"
kind = "pick"
per = "shown"
within = "1d"
[[history]]
name = "brand_sum"
what = "sum"
of = "item.brand"
kind = "buy"
half_life = "1h"
[[history]]
name = "shown_before"
what = "count"
of = "item"
kind = "shown"
own = true
[[history]]
name = "last_shown"
what = "since_last"
of = "item"
kind = "shown"
own = true
[[history]]
name = "brand_share"
what = "share"
of = "item.brand"
kind = "pick"
own = true
[[history]]
name = "seen_now"
what = "count"
of = "item.brand"
kind = "shown"
own = true
within = "session"
[[history]]
name = "picks"
what = "count"
of = "person"
kind = "pick"
[[history]]
name = "brands"
what = "last"
of = "person"
kind = "pick"
by = "item.brand"
most = 3

[model]
features = ["budget", "price", "picks", "brands"]
[[cross]]
name = "known_brand"
how = "contains"
request = "brands"
item = "brand"
[[cross]]
name = "left"
how = "difference"
request = "budget"
item = "price"
"""
BRANDS = ["acme", "bolt", "cord", "dune", "echo"]
THINGS = "thing_id,price,brand\n" + "".join(f"{n},{n},{BRANDS[n % 5]}\n" for n in range(1, 41))
