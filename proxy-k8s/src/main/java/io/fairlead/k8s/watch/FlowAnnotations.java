package io.fairlead.k8s.watch;

import io.fairlead.core.service.FlowRules;
import io.fairlead.k8s.cluster.FlowSetting;
import io.fairlead.k8s.cluster.Problem;
import java.util.EnumMap;
import java.util.Map;

/// What the annotations of a Service say of its flows; docs/annotations.md lists them.
final class FlowAnnotations {

    /// More than the greatest bound has.
    private static final int MAX_DIGITS = 9;

    private FlowAnnotations() {}

    static Map<FlowSetting, Integer> map(Map<String, String> annotations, FieldReader reader) {
        Map<FlowSetting, Integer> flows = new EnumMap<>(FlowSetting.class);
        for (FlowSetting setting : FlowSetting.values()) {
            String text = annotations.get(setting.annotation());
            if (text == null) {
                continue;
            }
            if (text.equals(FlowSetting.OFF_WORD)) {
                flows.put(setting, FlowRules.OFF);
                continue;
            }
            int value = setting == FlowSetting.PROXY_PROTOCOL ? version(text) : number(text);
            if (setting.allows(value)) {
                flows.put(setting, value);
            } else {
                reader.problem(
                        "metadata.annotations[" + setting.annotation() + "]",
                        Problem.quote(text) + setting.remedy());
            }
        }
        return flows;
    }

    private static int version(String text) {
        return switch (text) {
            case "v1" -> 1;
            case "v2" -> 2;
            default -> -1;
        };
    }

    private static int number(String text) {
        boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits && !text.isEmpty() && text.length() <= MAX_DIGITS
                ? Integer.parseInt(text)
                : -1;
    }
}
