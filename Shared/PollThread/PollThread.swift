enum PollThreadModule {}
