package io.fairlead.core.capture;

import io.fairlead.core.bpf.BpfException;
import io.fairlead.core.service.Cidr;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The sets of source ranges in the kernel: equal ranges share one, which goes with its last user.
final class RangeSets {

    private static final class Use {
        final int set;
        int users;

        Use(int set) {
            this.set = set;
        }
    }

    private final LookupMaps maps;
    private final Map<List<Cidr>, Use> uses = new HashMap<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private int next = LookupMaps.FIRST_FREE_SET;

    RangeSets(LookupMaps maps) {
        this.maps = maps;
    }

    /// The number of the set of these ranges, which is kept until it is released as often.
    int acquire(List<Cidr> ranges) throws BpfException {
        Use use = uses.get(ranges);
        if (use == null) {
            Integer reused = free.poll();
            use = new Use(reused == null ? next++ : reused);
            uses.put(ranges, use);
            use.users++;
            for (Cidr range : ranges) {
                maps.put(use.set, range);
            }
            return use.set;
        }
        use.users++;
        return use.set;
    }

    void release(List<Cidr> ranges) throws BpfException {
        Use use = uses.get(ranges);
        if (use == null || --use.users > 0) {
            return;
        }
        uses.remove(ranges);
        for (Cidr range : ranges) {
            maps.remove(use.set, range);
        }
        free.add(use.set);
    }
}
