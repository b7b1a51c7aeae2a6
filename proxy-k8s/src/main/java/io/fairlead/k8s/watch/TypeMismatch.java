package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JacksonException.Reference;
import tools.jackson.databind.JsonNode;

/// A field whose value is of another type than the API gives it.
record TypeMismatch(String field, String message) {

    static TypeMismatch of(JacksonException failure, JsonNode tree) {
        StringBuilder field = new StringBuilder();
        JsonNode value = tree;
        for (Reference step : failure.getPath()) {
            if (step.getPropertyName() == null) {
                field.append('[').append(step.getIndex()).append(']');
                value = value.path(step.getIndex());
            } else {
                field.append(field.isEmpty() ? "" : ".").append(step.getPropertyName());
                value = value.path(step.getPropertyName());
            }
        }
        return new TypeMismatch(
                field.toString(),
                Problem.quote(value.isMissingNode() ? "" : value.toString())
                        + " is of the wrong type; the object is ignored, correct it");
    }
}
