package io.millrace.metadata.admin;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.Base64;

/** The token of the rows after a row: the row's message, in base64. */
final class PageToken {

    private PageToken() {}

    static String of(Message row) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(row.toByteArray());
    }

    /**
     * Returns the row of a token.
     *
     * @throws ProblemException MALFORMED_REQUEST if the text is no token of such rows
     */
    static <M extends Message> M parse(String token, Parser<M> parser) {
        try {
            return parser.parseFrom(Base64.getUrlDecoder().decode(token));
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            throw new ProblemException(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "The page token is invalid: use the next_page_token of the previous"
                                    + " page, or an empty token for the first page."));
        }
    }
}
