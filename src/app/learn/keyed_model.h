// Models as they travel, where the domain's ids are texts. The numbers that stand for the texts are one
// store's own, so a model that knows items by themselves (ml::Model::items) takes their keys along, and gets
// the numbers of the store that it comes to. Where ids are whole numbers a model travels as it is stored.
//
// What travels is an artefact of the family "keyed", whose payload holds the keys and the artefact itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/domain.h"
#include "domain/ids.h"
#include "error/result.h"
#include "ml/model.h"

namespace rankloop::app {

using KeyOf = std::function<std::string_view(ItemId item)>;
using NumberOf = std::function<std::optional<ItemId>(std::string_view key)>;

// The model's artefact, with the keys of its items where it knows any.
std::string travelling_artefact(const ml::Model& model, const Domain& domain, const KeyOf& key_of);

// A model that came from elsewhere, for this store: items whose keys have no number here are forgotten.
// kDataLoss and kFailedPrecondition as ml::load_model, the second also where its items' keys should be with
// it and are not.
Result<std::shared_ptr<const ml::Model>> arrived_model(std::string_view bytes, const Domain& domain,
                                                       const NumberOf& number_of);

}  // namespace rankloop::app
