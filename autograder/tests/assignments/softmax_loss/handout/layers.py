def softmax_loss(x, y):
    loss, dx = None, None
    # *****START OF YOUR CODE*****

    # *****END OF YOUR CODE*****
    return loss, dx
