package io.millrace.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.client.admin.BucketUsage.Requests;
import java.util.List;
import org.junit.jupiter.api.Test;

class PricesTest {

    private static final List<Requests> REQUESTS =
            List.of(
                    new Requests("put", 10, 1),
                    new Requests("get", 7, 0),
                    new Requests("create_multipart", 1, 0),
                    new Requests("upload_part", 5, 2),
                    new Requests("complete_multipart", 1, 0),
                    new Requests("abort_multipart", 3, 0),
                    new Requests("list_multipart", 4, 0),
                    new Requests("list", 6, 0),
                    new Requests("delete", 100, 0));

    @Test
    void everyRequestOfAMultipartUploadIsAPutExceptTheAbort() {
        assertThat(Prices.count(Prices.Kind.PUT, REQUESTS)).isEqualTo(20);
        assertThat(Prices.count(Prices.Kind.GET, REQUESTS)).isEqualTo(7);
        assertThat(Prices.count(Prices.Kind.LIST, REQUESTS)).isEqualTo(10);
    }

    @Test
    void everyKindHasAPriceOfItsOwn() {
        Prices prices = new Prices(5, 0.4, 2, 0.1, 0);
        assertThat(REQUESTS.stream().mapToDouble(prices::of).sum())
                .isCloseTo(20 * 0.005 + 7 * 0.0004 + 10 * 0.002 + 103 * 0.0001, within(1e-9));
    }
}
