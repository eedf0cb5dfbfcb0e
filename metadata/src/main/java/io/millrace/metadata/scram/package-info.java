/** The SCRAM credentials of users in the metadata. */
@NullMarked
package io.millrace.metadata.scram;

import org.jspecify.annotations.NullMarked;
