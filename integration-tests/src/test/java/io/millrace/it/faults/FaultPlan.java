package io.millrace.it.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Determines the latency and the fault of each request, from the seed and the order in which
 * requests arrive. Thread-safe.
 */
public final class FaultPlan {

    /**
     * The plan for a request.
     *
     * @param latency the latency without a fault
     * @param fault the fault; empty for none
     */
    public record Decision(Duration latency, Optional<Fault> fault) {}

    /**
     * @param method the method of the affected requests; empty for all
     */
    private record Rule(Optional<String> method, Fault fault, double share) {

        boolean isFor(String request) {
            return method.isEmpty() || method.get().equals(request);
        }
    }

    private final RandomGenerator random;
    private final Speed speed;
    private List<Rule> rules = List.of();
    private long requests;
    private long faults;

    public FaultPlan(long seed, Speed speed) {
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.speed = speed;
    }

    Speed speed() {
        return speed;
    }

    /**
     * Adds a fault for a fraction of the requests.
     *
     * @param share from 0 to 1; all faults together at most 1
     */
    public synchronized void inject(Fault fault, double share) {
        add(new Rule(Optional.empty(), fault, share));
    }

    /**
     * Adds a fault for all requests of a method.
     *
     * @param method a method such as PUT, which uploads the parts of an object
     */
    public synchronized void injectIntoAll(String method, Fault fault) {
        add(new Rule(Optional.of(method), fault, 1));
    }

    private void add(Rule rule) {
        double all = rules.stream().mapToDouble(Rule::share).sum() + rule.share();
        if (rule.share() < 0 || all > 1) {
            throw new IllegalArgumentException("Shares are 0 to 1 together, not " + all);
        }
        List<Rule> more = new ArrayList<>(rules);
        more.add(rule);
        rules = more;
    }

    public synchronized void heal() {
        rules = List.of();
    }

    public synchronized long requests() {
        return requests;
    }

    public synchronized long faults() {
        return faults;
    }

    /** Returns the plan for the next request. */
    public synchronized Decision next(String method) {
        requests++;
        Optional<Latency> latency = method.equals("PUT") ? speed.put() : speed.get();
        // Both numbers are drawn each time, so that faults do not change later latencies.
        Duration takes = latency.map(each -> each.draw(random)).orElse(Duration.ZERO);
        double where = random.nextDouble();
        for (Rule rule : rules) {
            where -= rule.isFor(method) ? rule.share() : 0;
            if (where < 0) {
                faults++;
                return new Decision(takes, Optional.of(rule.fault()));
            }
        }
        return new Decision(takes, Optional.empty());
    }
}
