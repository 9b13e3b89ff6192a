// Pools adjacent violators.
#include "ml/pool_violators.h"

#include <cstddef>

namespace rankloop::ml {

std::vector<double> pool_violators(std::span<const double> rates, std::span<const double> weights) {
  struct Pool {
    double rate = 0;
    double weight = 0;
    std::size_t count = 0;
  };
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    pools.push_back({rates[i], weights[i], 1});
    while (pools.size() > 1 && pools.back().rate > pools[pools.size() - 2].rate) {
      const Pool last = pools.back();
      pools.pop_back();
      Pool& into = pools.back();
      into.rate = (into.rate * into.weight + last.rate * last.weight) / (into.weight + last.weight);
      into.weight += last.weight;
      into.count += last.count;
    }
  }
  std::vector<double> pooled;
  for (const Pool& pool : pools) pooled.insert(pooled.end(), pool.count, pool.rate);
  return pooled;
}

}  // namespace rankloop::ml
