"""What goes on under an event (3.3): one family of linear programmes a block, bounds before them, flows behind them."""
