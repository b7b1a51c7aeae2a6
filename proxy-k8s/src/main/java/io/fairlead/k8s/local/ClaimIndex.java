package io.fairlead.k8s.local;

import io.fairlead.k8s.cluster.ObjectName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Who claims which VIP, over all Services. Owned by one [Localiser].
final class ClaimIndex {

    /// Sorted, so that the first of each list holds the VIP; hardly any has a second.
    private final Map<Claim.Key, List<Claim>> claims = new HashMap<>();

    /// Puts `after` in the place of `before`, and adds to `affected` the Services whose standing
    /// may have changed.
    void replace(List<Claim> before, List<Claim> after, Set<ObjectName> affected) {
        for (Claim claim : before) {
            remove(claim, affected);
        }
        for (Claim claim : after) {
            add(claim, affected);
        }
    }

    /// The claim that is granted among those with that key; there must be one.
    Claim holder(Claim.Key key) {
        return Objects.requireNonNull(claims.get(key)).getFirst();
    }

    int size() {
        return claims.size();
    }

    private void add(Claim claim, Set<ObjectName> affected) {
        List<Claim> others = claims.get(claim.key());
        if (others == null) {
            claims.put(claim.key(), List.of(claim));
            return;
        }
        markAll(others, affected);
        List<Claim> all = new ArrayList<>(others);
        all.add(claim);
        all.sort(null);
        claims.put(claim.key(), List.copyOf(all));
    }

    private void remove(Claim claim, Set<ObjectName> affected) {
        List<Claim> others = new ArrayList<>(Objects.requireNonNull(claims.get(claim.key())));
        others.remove(claim);
        markAll(others, affected);
        if (others.isEmpty()) {
            claims.remove(claim.key());
        } else {
            claims.put(claim.key(), List.copyOf(others));
        }
    }

    private static void markAll(List<Claim> claims, Set<ObjectName> affected) {
        for (Claim claim : claims) {
            affected.add(new ObjectName(claim.claimant().namespace(), claim.claimant().service()));
        }
    }
}
