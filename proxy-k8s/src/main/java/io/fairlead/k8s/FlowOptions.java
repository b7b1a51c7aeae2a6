package io.fairlead.k8s;

import io.fairlead.core.service.FlowRules;

/// How flows live.
///
/// @param rules for Services that say nothing of it
public record FlowOptions(FlowRules rules) {

    public static final FlowOptions DEFAULT = new FlowOptions(FlowRules.NONE);

    public FlowOptions withRules(FlowRules byDefault) {
        return new FlowOptions(byDefault);
    }
}
