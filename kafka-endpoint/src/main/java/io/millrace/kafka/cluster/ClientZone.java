package io.millrace.kafka.cluster;

import io.millrace.kafka.connection.ZoneResolver;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The zone of a client: that in its client id, such as {@code app,zone=a}, otherwise that of the
 * first address range that contains its address. Pure.
 *
 * @param ranges the configured ranges
 */
public record ClientZone(List<AddressRange> ranges) implements ZoneResolver {

    /**
     * The key of Millrace, and those of other systems without leaders. Kafka Streams appends the
     * name of a thread or of a client to the client id of an application. These names are not parts
     * of the zone.
     */
    private static final Pattern IN_CLIENT_ID =
            Pattern.compile(
                    "(?:^|[^A-Za-z0-9_])(?:zone|diskless_az|ws_az|warpstream_az|automq_az)=([A-Za-z0-9._-]{1,63}?)(?:-(?:GlobalStreamThread|StreamThread|StateUpdater)|-(?:admin|global-consumer)$|$|[^A-Za-z0-9._-])");

    public ClientZone {
        ranges = List.copyOf(ranges);
    }

    /**
     * A range of addresses of one zone.
     *
     * @param prefixBits the number of leading bits that all addresses share with the first
     */
    public record AddressRange(InetAddress first, int prefixBits, String zone) {

        public AddressRange {
            if (prefixBits < 0 || prefixBits > first.getAddress().length * Byte.SIZE) {
                throw new IllegalArgumentException("No address has a prefix of " + prefixBits);
            }
        }

        boolean contains(InetAddress address) {
            byte[] mine = first.getAddress();
            byte[] other = address.getAddress();
            if (mine.length != other.length) {
                return false;
            }
            for (int bit = 0; bit < prefixBits; bit += Byte.SIZE) {
                int compared = Math.min(Byte.SIZE, prefixBits - bit);
                int differing = mine[bit / Byte.SIZE] ^ other[bit / Byte.SIZE];
                if ((differing & 0xff) >>> (Byte.SIZE - compared) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    @Override
    public Optional<String> zoneOf(String clientId, InetAddress peer) {
        Matcher matcher = IN_CLIENT_ID.matcher(clientId);
        if (matcher.find()) {
            return Optional.of(matcher.group(1));
        }
        return ranges.stream()
                .filter(range -> range.contains(peer))
                .map(AddressRange::zone)
                .findFirst();
    }
}
