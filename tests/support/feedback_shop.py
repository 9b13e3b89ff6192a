"""A shop of things with texts for ids, where people put into the cart, buy and dislike."""

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
id = {field = "sku", type = "string"}
[[item.field]]
name = "price"
type = "float"
[model]
features = ["budget", "price"]
[[cross]]
name = "left"
how = "difference"
request = "budget"
item = "price"
[[feedback]]
name = "cart"
reward = 0.2
[[feedback]]
name = "buy"
reward = 1
value = [0, 1000]
within = "7d"
[[feedback]]
name = "dislike"
reward = -1
"""
THINGS = "sku,price\n" + "".join(f"thing/{n},{n}\n" for n in range(1, 31))
