package io.millrace.it.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Decides how long each request takes and what fault it meets. All of it follows from the seed and
 * the order in which requests arrive. Thread-safe.
 */
public final class FaultPlan {

    /**
     * What is to become of a request.
     *
     * @param latency how long it takes if all goes well
     * @param fault what goes wrong; empty for nothing
     */
    public record Decision(Duration latency, Optional<Fault> fault) {}

    /**
     * @param method of the requests that it is for; empty for all
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
     * From now on a share of the requests meets a fault, besides the faults there are.
     *
     * @param share 0 to 1; those of all faults together are at most 1
     */
    public synchronized void inject(Fault fault, double share) {
        add(new Rule(Optional.empty(), fault, share));
    }

    /**
     * From now on all requests of a method meet a fault.
     *
     * @param method such as PUT, which the parts of an upload come by
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

    /** From now on requests meet no fault. */
    public synchronized void heal() {
        rules = List.of();
    }

    /** Requests that were decided about. */
    public synchronized long requests() {
        return requests;
    }

    /** Requests that met a fault. */
    public synchronized long faults() {
        return faults;
    }

    /** Decides about the next request. */
    public synchronized Decision next(String method) {
        requests++;
        Optional<Latency> latency = method.equals("PUT") ? speed.put() : speed.get();
        // Both are drawn each time, so that faults do not change the latencies behind them.
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
