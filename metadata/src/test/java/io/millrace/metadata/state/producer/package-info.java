/** Tests and fixtures. */
@NullMarked
package io.millrace.metadata.state.producer;

import org.jspecify.annotations.NullMarked;
