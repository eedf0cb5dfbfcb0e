package io.millrace.simulation.world;

import io.millrace.metadata.membership.Role;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The configuration of a node that lasts for the whole run.
 *
 * @param zone empty if not configured
 */
record NodeProfile(Set<Role> roles, String zone) {

    private static final Role[] ROLES = Role.values();

    NodeProfile {
        roles = Set.copyOf(roles);
    }

    /**
     * Returns the profiles of all nodes: in a third of the runs each with some of the roles, of
     * which each is at one node at least, otherwise all with all roles. In half of the runs, nodes
     * are in up to three zones.
     */
    static List<NodeProfile> random(SplittableRandom random, int nodes) {
        List<Set<Role>> roles = new ArrayList<>();
        boolean isSplit = random.nextInt(3) == 0;
        for (int i = 0; i < nodes; i++) {
            roles.add(isSplit ? EnumSet.noneOf(Role.class) : EnumSet.allOf(Role.class));
        }
        for (Role role : ROLES) {
            roles.get(random.nextInt(nodes)).add(role);
        }
        int zones = random.nextBoolean() ? 1 + random.nextInt(3) : 0;
        List<NodeProfile> profiles = new ArrayList<>();
        for (Set<Role> some : roles) {
            if (some.isEmpty() || random.nextInt(3) == 0) {
                some.add(ROLES[random.nextInt(ROLES.length)]);
            }
            profiles.add(new NodeProfile(some, zones == 0 ? "" : "zone-" + random.nextInt(zones)));
        }
        return profiles;
    }
}
